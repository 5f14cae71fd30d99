"""TikTok: ads-manager downloads in eight languages, integrated reports (API, Airbyte), Fivetran tables."""

from __future__ import annotations

from warehouse.ingest.sources.model import Alias, Platform, Refusal, Source, column
from warehouse.ingest.sources.words import BREAKDOWNS, LANDED

PLATFORM = Platform(
    name="tiktok_ads",
    label="TikTok Ads",
    words=("tiktok", "tiktokads"),
    lookback_days=14,
    click_definition="destination",
    conversion_basis="click",
    time_zone="UTC",
)

_EVENT = ("TikTok's conversions count whatever event each ad group is optimised for; it may be less than a purchase. "
          "Add the column of complete payments to the report to count purchases.")  # fmt: skip

_DAYS = ("by day", "nach tag", "par jour", "por día", "por dia", "per giorno", "według dnia", "per dag")
_CLICKS = (
    "clicks (destination)", "klicks (ziel)", "clics (destination)", "clics (destino)", "cliques (destino)",
    "clic (destinazione)", "kliknięcia (miejsce docelowe)", "klikken (bestemming)",
)  # fmt: skip
_PAYMENTS = (
    "total complete payment", "complete payment", "complete payments", "total purchase", "purchases",
    "gesamtzahl abgeschlossener zahlungen", "total des paiements effectués", "total de pagos completados",
    "total de pagamentos concluídos", "totale pagamenti completati", "totaal voltooide betalingen",
)  # fmt: skip

_UI = {
    "date": column(*_DAYS, "stat time day", "day", "date"),
    "account_id": column("account id", "advertiser id", "konto-id", "id du compte", "id de la cuenta", "id da conta"),
    "account_name": column("account name", "advertiser name", "kontoname", "nom du compte", "nombre de la cuenta",
                           "nome da conta", "nome account", "nazwa konta", "accountnaam"),
    "currency": column("currency", "währung", "devise", "moneda", "divisa", "moeda", "valuta", "waluta"),
    "campaign_id": column("campaign id", "kampagnen-id", "id de la campagne", "id de campagne", "id de la campaña",
                          "id da campanha", "id campagna", "identyfikator kampanii", "campagne-id"),
    "campaign_name": column("campaign name", "kampagnenname", "nom de la campagne", "nombre de la campaña",
                            "nome da campanha", "nome campagna", "nome della campagna", "nazwa kampanii",
                            "campagnenaam"),
    "campaign_type": column("advertising objective", "objective", "werbeziel", "objectif publicitaire",
                            "objetivo de publicidad", "objetivo de publicidade"),
    "ad_group_id": column("ad group id", "anzeigengruppen-id", "id du groupe de publicités", "id du groupe d'annonces",
                          "id del grupo de anuncios", "id do grupo de anúncios", "id gruppo di annunci",
                          "identyfikator grupy reklam", "advertentiegroep-id"),
    "ad_group_name": column("ad group name", "anzeigengruppenname", "nom du groupe de publicités",
                            "nom du groupe d'annonces", "nombre del grupo de anuncios", "nome do grupo de anúncios",
                            "nome gruppo di annunci", "nome del gruppo di annunci", "nazwa grupy reklam",
                            "naam advertentiegroep"),
    "ad_id": column("ad id", "anzeigen-id", "id de la publicité", "id del anuncio", "id do anúncio", "id annuncio",
                    "identyfikator reklamy", "advertentie-id"),
    "ad_name": column("ad name", "anzeigenname", "nom de la publicité", "nombre del anuncio", "nome do anúncio",
                      "nome annuncio", "nazwa reklamy", "naam advertentie"),
    "impressions": column("impressions", "impressionen", "impresiones", "impressões", "impressioni", "visualizzazioni",
                          "wyświetlenia", "weergaven", "vertoningen"),
    "clicks": column(*_CLICKS, Alias("clicks (all)", click_definition="all"), Alias("clicks", click_definition="all")),
    "spend": column("cost", "total cost", "kosten", "coût", "coste", "costo", "custo", "koszt"),
    "conversions": column(*_PAYMENTS, *(Alias(h, note=_EVENT) for h in (
        "conversions", "conversiones", "conversões", "conversioni", "konversionen", "konwersje", "conversies"))),
    "conversion_value": column("complete payment value", "total complete payment value", "total purchase value",
                               "total value of complete payments", "complete payment total value", "purchase value",
                               "wert abgeschlossener zahlungen", "valeur des paiements effectués",
                               "valor de pagos completados", "valor de pagamentos concluídos"),
}  # fmt: skip


def _metric(name: str, note: str = "") -> tuple[Alias, ...]:
    """A metric of the API: a column (Fivetran), a flattened one (dlt), or a key of a JSON object (Airbyte)."""
    return (Alias(name, note=note), Alias(f"metrics__{name}", note=note), Alias("metrics", path=f"$.{name}", note=note))


_REPORT = {
    "date": column("stat_time_day", "stat_time_hour", "dimensions__stat_time_day"),
    "account_id": column("advertiser_id"),
    "campaign_id": column("campaign_id", "dimensions__campaign_id"),
    "campaign_name": column("campaign_name", "metrics__campaign_name"),
    "ad_group_id": column("adgroup_id", "ad_group_id", "dimensions__adgroup_id"),
    "ad_group_name": column("adgroup_name", "metrics__adgroup_name"),
    "ad_id": column("ad_id", "dimensions__ad_id"),
    "ad_name": column("ad_name", "metrics__ad_name"),
    "currency": column("currency"),
    "impressions": column(*_metric("impressions")),
    "clicks": column(*_metric("clicks")),
    "spend": column(*_metric("spend")),
    "conversions": column("complete_payment", "metrics__complete_payment", *_metric("conversion", _EVENT)),
    # "…_rate" is the value of the payments, whatever its name says.
    "conversion_value": column("total_complete_payment_rate", "metrics__total_complete_payment_rate",
                               *_metric("total_purchase_value")),
    "landed_at": column(*LANDED),
}  # fmt: skip

_HISTORY = {
    "account_id": column("advertiser_id"),
    "status": column("operation_status", "status"),
    "updated_at": column("updated_at", "_fivetran_synced", combine="coalesce"),
}

SOURCES = (
    Source(
        name="tiktok_ads.ui",
        platform=PLATFORM,
        label="TikTok Ads Manager report, downloaded",
        columns=_UI,
        signature=("|".join((*_DAYS, *_CLICKS, "total complete payment", "complete payment value")),
                   "cost|total cost|kosten|coût|coste|costo|custo|koszt"),
        excludes=("cost_micros", "metrics.clicks", "spend"),
        required=("spend",),
        segments=BREAKDOWNS,
        ignored=("clicks (all)", "conversions", "real-time conversions", "results", "real-time results",
                 "primary status", "total complete payment roas"),
    ),
    Source(
        name="tiktok_ads.report",
        platform=PLATFORM,
        label="TikTok integrated report (API, Airbyte, Fivetran)",
        columns=_REPORT,
        signature=("stat_time_day|stat_time_hour|dimensions__stat_time_day", "spend|metrics|metrics__spend"),
        excludes=("country_code", "age", "gender", "province_id", "platform"),
        required=("date", "spend", "ad_id|ad_group_id|campaign_id|account_id"),
        ignored=("dimensions", "result", "secondary_goal_result", "real_time_result", "real_time_conversion", "likes",
                 "comments", "shares", "follows", "profile_visits", "total_sales_lead_value", "clicks_on_music_disc"),
        machine_numbers=True,
    ),
    Source(
        name="tiktok_ads.fivetran.breakdown",
        platform=PLATFORM,
        label="TikTok report by country, age or gender",
        signature=("stat_time_day|stat_time_hour", "country_code|age|gender|province_id|platform", "spend|metrics"),
        refusal=Refusal("The report splits campaigns by place or person and counts the same spend as the plain report.",
                        "Load campaign_report_hourly (or _daily) instead."),
    ),
    Source(
        name="tiktok_ads.fivetran.advertiser",
        platform=PLATFORM,
        label="Fivetran tiktok_ads.advertiser",
        dataset="entity",
        constants={"level": "account"},
        columns={
            "account_id": column("id", "advertiser_id"),
            "name": column("name", "advertiser_name"),
            "currency": column("currency"),
            "status": column("status"),
            "updated_at": column("_fivetran_synced", "_airbyte_extracted_at", combine="coalesce"),
        },
        signature=("id|advertiser_id", "name", "currency", "timezone", "balance|company|telephone_number"),
        excludes=("campaign_id", "spend"),
        required=("account_id",),
        ignored=("timezone", "display_timezone"),  # reports are in UTC whatever the account's own zone
    ),
    Source(
        name="tiktok_ads.fivetran.campaign_history",
        platform=PLATFORM,
        label="Fivetran tiktok_ads.campaign_history",
        dataset="entity",
        constants={"level": "campaign"},
        columns={
            **_HISTORY,
            "campaign_id": column("campaign_id"),
            "name": column("campaign_name"),
            "campaign_type": column("objective_type"),
        },
        signature=("campaign_id", "campaign_name", "advertiser_id"),
        excludes=("adgroup_id", "ad_id", "spend", "stat_time_day", "metrics"),
        required=("campaign_id",),
    ),
    Source(
        name="tiktok_ads.fivetran.adgroup_history",
        platform=PLATFORM,
        label="Fivetran tiktok_ads.adgroup_history",
        dataset="entity",
        constants={"level": "ad_group"},
        columns={
            **_HISTORY,
            "campaign_id": column("campaign_id"),
            "ad_group_id": column("adgroup_id"),
            "name": column("adgroup_name"),
        },
        signature=("adgroup_id", "adgroup_name", "advertiser_id"),
        excludes=("ad_id", "ad_name", "spend", "stat_time_day", "metrics"),
        required=("ad_group_id",),
    ),
    Source(
        name="tiktok_ads.fivetran.ad_history",
        platform=PLATFORM,
        label="Fivetran tiktok_ads.ad_history",
        dataset="entity",
        constants={"level": "ad"},
        columns={
            **_HISTORY,
            "campaign_id": column("campaign_id"),
            "ad_group_id": column("adgroup_id"),
            "ad_id": column("ad_id"),
            "name": column("ad_name"),
        },
        signature=("ad_id", "ad_name", "advertiser_id"),
        excludes=("spend", "stat_time_day", "metrics"),
        required=("ad_id",),
    ),
)  # fmt: skip
