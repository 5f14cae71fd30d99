"""Downloads in the languages of the ads managers: the same numbers come out of every one."""

# ruff: noqa: E501 - headers are data

import pytest

from tests.warehouse.ingest.tables import parse

LANGUAGES = ("English", "German", "French", "Spanish", "Portuguese", "Italian", "Polish", "Dutch")

# date, campaign, impressions, clicks, spend; in the order of the languages.
GOOGLE = (
    "Day,Campaign,Currency code,Impr.,Clicks,Cost,Conversions,Conv. value",
    "Tag,Kampagne,Währungscode,Impr.,Klicks,Kosten,Conversions,Conv.-Wert",
    "Jour,Campagne,Code de devise,Impr.,Clics,Coût,Conversions,Valeur de conv.",
    "Día,Campaña,Código de moneda,Impr.,Clics,Coste,Conversiones,Valor de conv.",
    "Dia,Campanha,Código da moeda,Impr.,Cliques,Custo,Conversões,Valor conv.",
    "Giorno,Campagna,Codice valuta,Impr.,Clic,Costo,Conversioni,Valore conv.",
    "Dzień,Kampania,Kod waluty,Wyśw.,Kliknięcia,Koszt,Konwersje,Wartość konwersji",
    "Dag,Campagne,Valutacode,Vert.,Klikken,Kosten,Conversies,Conv.waarde",
)
META = (
    "Day,Campaign name,Amount spent (EUR),Impressions,Link clicks,Purchases,Purchases conversion value",
    "Tag,Kampagnenname,Ausgegebener Betrag (EUR),Impressionen,Link-Klicks,Käufe,Conversion-Wert der Käufe",
    "Jour,Nom de la campagne,Montant dépensé (EUR),Impressions,Clics sur un lien,Achats,Valeur de conversion des achats",
    "Día,Nombre de la campaña,Importe gastado (EUR),Impresiones,Clics en el enlace,Compras,Valor de conversión de compras",
    "Dia,Nome da campanha,Valor usado (EUR),Impressões,Cliques no link,Compras,Valor de conversão de compras",
    "Giorno,Nome della campagna,Importo speso (EUR),Impression,Clic sul link,Acquisti,Valore di conversione degli acquisti",
    "Dzień,Nazwa kampanii,Wydana kwota (EUR),Wyświetlenia,Kliknięcia linku,Zakupy,Wartość konwersji zakupów",
    "Dag,Campagnenaam,Besteed bedrag (EUR),Weergaven,Klikken op link,Aankopen,Conversiewaarde van aankopen",
)
MICROSOFT = (
    "Gregorian date,Campaign,Currency code,Impr.,Clicks,Spend,Conv.,Revenue",
    "Datum,Kampagne,Währungscode,Impr.,Klicks,Ausgaben,Conv.,Umsatz",
    "Jour,Campagne,Code devise,Impr.,Clics,Dépense,Conv.,Revenu",
    "Fecha,Campaña,Código de moneda,Impr.,Clics,Gasto,Conv.,Ingresos",
    "Data,Campanha,Código da moeda,Impr.,Cliques,Gastos,Conv.,Receita",
    "Data,Campagna,Codice valuta,Impr.,Clic,Spesa,Conv.,Ricavi",
    "Data,Kampania,Kod waluty,Wyśw.,Kliknięcia,Wydatki,Konwersje,Przychód",
    "Datum,Campagne,Valutacode,Vert.,Klikken,Uitgaven,Conversies,Omzet",
)
LINKEDIN = (
    "Start Date (in UTC),Campaign Name,Currency,Total Spent,Impressions,Clicks,Conversions,Total Conversion Value",
    "Startdatum (in UTC),Kampagnenname,Währung,Gesamtausgaben,Impressionen,Klicks,Conversions,Gesamter Conversion-Wert",
    "Date de début (en UTC),Nom de la campagne,Devise,Total dépensé,Impressions,Clics,Conversions,Valeur totale de conversion",
    "Fecha de inicio (en UTC),Nombre de la campaña,Moneda,Gasto total,Impresiones,Clics,Conversiones,Valor total de conversión",
    "Data de início (em UTC),Nome da campanha,Moeda,Total gasto,Impressões,Cliques,Conversões,Valor total de conversões",
    "Data di inizio (in UTC),Nome della campagna,Valuta,Totale speso,Impressioni,Clic,Conversioni,Valore totale conversioni",
    "Data rozpoczęcia (w UTC),Nazwa kampanii,Waluta,Łączne wydatki,Wyświetlenia,Kliknięcia,Konwersje,Łączna wartość konwersji",
    "Begindatum (in UTC),Campagnenaam,Valuta,Totaal besteed,Weergaven,Klikken,Conversies,Totale conversiewaarde",
)
TIKTOK = (
    "By Day,Campaign name,Currency,Cost,Impressions,Clicks (destination),Conversions",
    "Nach Tag,Kampagnenname,Währung,Kosten,Impressionen,Klicks (Ziel),Conversions",
    "Par jour,Nom de la campagne,Devise,Coût,Impressions,Clics (destination),Conversions",
    "Por día,Nombre de la campaña,Moneda,Coste,Impresiones,Clics (destino),Conversiones",
    "Por dia,Nome da campanha,Moeda,Custo,Impressões,Cliques (destino),Conversões",
    "Per giorno,Nome campagna,Valuta,Costo,Impressioni,Clic (destinazione),Conversioni",
    "Według dnia,Nazwa kampanii,Waluta,Koszt,Wyświetlenia,Kliknięcia (miejsce docelowe),Konwersje",
    "Per dag,Campagnenaam,Valuta,Kosten,Weergaven,Klikken (bestemming),Conversies",
)
CASES = [
    (platform, language, header)
    for platform, headers in (
        ("google_ads", GOOGLE), ("meta_ads", META), ("microsoft_ads", MICROSOFT), ("linkedin_ads", LINKEDIN),
        ("tiktok_ads", TIKTOK),
    )
    for language, header in zip(LANGUAGES, headers, strict=True)
]  # fmt: skip

POINT = {
    "spend": "1,234.56",
    "impressions": "12,345",
    "clicks": "1,200",
    "conversions": "3.50",
    "conversion_value": "99.90",
}
COMMA = {
    "spend": "1.234,56",
    "impressions": "12.345",
    "clicks": "1.200",
    "conversions": "3,50",
    "conversion_value": "99,90",
}


@pytest.mark.parametrize(("platform", "language", "header"), CASES, ids=[f"{p}-{lang}" for p, lang, _ in CASES])
def test_a_download_in_every_language(platform, language, header):
    numbers = POINT if language == "English" else COMMA
    columns = header.split(",")
    order = _fields(platform)[: len(columns)]
    cells = [{"date": "2026-09-13", "campaign": "Dach", "currency": "EUR", **numbers}[field] for field in order]
    parsed, rows = parse("\t".join(columns) + "\n" + "\t".join(cells) + "\n", delimiter="\t")
    assert parsed.source == f"{platform}.ui"
    (row,) = rows.iter_rows(named=True)
    assert str(row["date"]) == "2026-09-13"
    assert (row["currency"], row["impressions"], row["clicks"], row["spend"]) == ("EUR", 12345, 1200, "1234.56")
    assert row["conversions"] == "3.50"
    assert "Dach" in {row["campaign_name"], row["ad_group_name"]}
    if "conversion_value" in order:
        assert row["conversion_value"] == "99.90"


def _fields(platform):
    tail = ["impressions", "clicks", "spend", "conversions", "conversion_value"]
    return {
        "google_ads": ["date", "campaign", "currency", *tail],
        "microsoft_ads": ["date", "campaign", "currency", *tail],
        "meta_ads": ["date", "campaign", "spend", "impressions", "clicks", "conversions", "conversion_value"],
        "linkedin_ads": [
            "date",
            "campaign",
            "currency",
            "spend",
            "impressions",
            "clicks",
            "conversions",
            "conversion_value",
        ],
        "tiktok_ads": ["date", "campaign", "currency", "spend", "impressions", "clicks", "conversions"],
    }[platform]
