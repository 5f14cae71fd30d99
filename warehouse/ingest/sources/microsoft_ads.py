"""Microsoft Advertising (Bing): downloads in eight languages, API reports (also by Airbyte), Fivetran tables."""

from __future__ import annotations

from warehouse.ingest.sources.microsoft_zones import ZONES
from warehouse.ingest.sources.model import Platform, Refusal, Source, column
from warehouse.ingest.sources.words import BREAKDOWNS, LANDED

PLATFORM = Platform(
    name="microsoft_ads",
    label="Microsoft Advertising",
    words=("microsoft", "microsoftads", "bing", "bingads", "msads"),
    lookback_days=30,
    click_definition="all",
    conversion_basis="click",
    attribution_setting="microsoft:account_default",
)

_REPORT = {
    "date": column("time period", "gregorian date", "date", "day", "datum", "tag", "jour", "fecha", "día", "data", "dia",
                   "giorno", "dzień", "dag"),
    "account_id": column("account id", "konto-id", "id de compte", "id de cuenta", "id da conta", "id account",
                         "identyfikator konta", "account-id"),
    "account_name": column("account name", "account", "kontoname", "nom du compte", "nombre de cuenta", "nome da conta",
                           "nome account", "nazwa konta", "accountnaam"),
    "currency": column("currency code", "currency", "währungscode", "währung", "code devise", "código de moneda", "moneda",
                       "código da moeda", "codice valuta", "kod waluty", "valutacode"),
    "campaign_id": column("campaign id", "kampagnen-id", "id de campagne", "id de campaña", "id da campanha",
                          "id campagna", "identyfikator kampanii", "campagne-id"),
    "campaign_name": column("campaign name", "campaign", "kampagne", "campagne", "campaña", "campanha", "campagna",
                            "kampania"),
    "campaign_type": column("campaign type", "kampagnentyp", "type de campagne", "tipo de campaña", "tipo de campanha",
                            "tipo di campagna", "typ kampanii", "campagnetype"),
    "ad_group_id": column("ad group id", "anzeigengruppen-id", "id du groupe d'annonces", "id de grupo de anuncios"),
    "ad_group_name": column("ad group name", "ad group", "anzeigengruppe", "groupe d'annonces", "grupo de anuncios",
                            "grupo de anúncios", "gruppo di annunci", "grupa reklam", "advertentiegroep"),
    "ad_id": column("ad id", "anzeigen-id", "id d'annonce"),
    "ad_name": column("ad title", "ad name"),
    "keyword_id": column("keyword id", "keyword-id"),
    "keyword_text": column("keyword", "schlüsselwort", "mot clé", "palabra clave", "palavra-chave", "parola chiave",
                           "słowo kluczowe", "trefwoord"),
    "impressions": column("impressions", "impr.", "impressionen", "impresiones", "impressões", "impressioni",
                          "wyświetlenia", "vertoningen"),
    "clicks": column("clicks", "klicks", "clics", "cliques", "clic", "kliknięcia", "klikken"),
    "spend": column("spend", "ausgaben", "dépense", "dépenses", "gasto", "gastos", "inversión", "spesa", "wydatki",
                    "uitgaven", "besteding"),
    # Qualified conversions are fractional and what the manager shows; the plain ones are cut to whole numbers.
    "conversions": column("conversions qualified", "conversions", "conv.", "konversionen", "conversiones", "conversões",
                          "conversioni", "konwersje", "conversies"),
    "conversion_value": column("revenue", "umsatz", "conv. value", "chiffre d'affaires", "revenu", "ingresos", "receita",
                               "ricavi", "fatturato", "przychód", "przychody", "omzet"),
    "landed_at": column(*LANDED),
}  # fmt: skip

_SEGMENTS = (
    *BREAKDOWNS, "bid match type", "delivered match type", "ad distribution", "top vs other", "goal type", "time zone",
    "budget name", "budget association status", "device os", "device type", "network", "ad type", "bid strategy type",
)  # fmt: skip
_GOALS = ("goal", "goal id", "goal type")
_PLACES = "city|county|metro area|postal code|location id|most specific location"
_SEARCH = "search query|search term|suchbegriff"

_HISTORY = {
    "name": column("name"),
    "status": column("status"),
    "updated_at": column("modified_time", "last_modified_time", "_fivetran_synced", combine="coalesce"),
}

SOURCES = (
    Source(
        name="microsoft_ads.ui",
        platform=PLATFORM,
        label="Microsoft Advertising report, downloaded",
        columns=_REPORT,
        # "Spend" and "Impressions" alone are anybody's; these are Microsoft's own ways of writing.
        signature=("|".join(a.header for a in _REPORT["spend"].aliases),
                   "impr.|gregorian date|conv.|top vs. other|campaign status|wyśw.|vert."),
        excludes=("time period", "date_start", "cost_micros", "amount spent", "cost", *_SEARCH.split("|"), *_PLACES.split("|"),
                  "device_os", "advertiser_id", "stat_time_day", "campaign group name", "swipes", "reporting starts"),
        required=("spend", "impressions"),
        segments=_SEGMENTS,
        conversion_segments=_GOALS,
        preamble="microsoft_report",
        date_order="month_first",
        zones=ZONES,
    ),
    Source(
        name="microsoft_ads.report",
        platform=PLATFORM,
        label="Microsoft Advertising API report (also Airbyte, dlt)",
        columns=_REPORT,
        signature=("time period", "spend|impressions|clicks"),
        excludes=(*_SEARCH.split("|"), *_PLACES.split("|"), "country"),
        required=("date",),
        segments=_SEGMENTS,
        conversion_segments=_GOALS,
        preamble="microsoft_report",
        date_order="month_first",
        zones=ZONES,
    ),
    Source(
        name="microsoft_ads.fivetran.daily_report",
        platform=PLATFORM,
        label="Fivetran bingads.*_daily_report",
        columns=_REPORT,
        signature=("date", "account_id", "spend", "device_os|device_type|bid_match_type|conversions_qualified|top_vs_other"),
        excludes=("time period", *_SEARCH.split("|"), *_PLACES.split("|"), "country"),
        required=("date", "account_id", "spend"),
        segments=_SEGMENTS,
        conversion_segments=_GOALS,
        machine_numbers=True,
    ),
    Source(
        name="microsoft_ads.search_terms",
        platform=PLATFORM,
        label="Microsoft Advertising search terms",
        signature=(_SEARCH, "spend|ausgaben|dépense|gasto|spesa|wydatki|uitgaven"),
        refusal=Refusal("A search terms report holds only a part of the searches and of the spend.",
                        "Load the keyword or the campaign performance report of the same days instead."),
    ),
    Source(
        name="microsoft_ads.geographic",
        platform=PLATFORM,
        label="Microsoft Advertising by place",
        signature=(_PLACES, "account id|campaign id|campaign", "spend"),
        excludes=("search query",),
        refusal=Refusal("The report splits campaigns by place and counts the same spend as the campaign report.",
                        "Load campaign_performance_daily_report instead."),
    ),
    Source(
        name="microsoft_ads.fivetran.account_history",
        platform=PLATFORM,
        label="Fivetran bingads.account_history",
        dataset="entity",
        constants={"level": "account"},
        columns={
            **_HISTORY,
            "account_id": column("id"),
            "currency": column("currency_code"),
            "time_zone": column("time_zone"),
        },
        signature=("id", "name", "last_modified_time", "time_zone", "currency_code"),
        excludes=("date", "spend"),
        required=("account_id",),
        zones=ZONES,
    ),
    Source(
        name="microsoft_ads.fivetran.campaign_history",
        platform=PLATFORM,
        label="Fivetran bingads.campaign_history",
        dataset="entity",
        constants={"level": "campaign"},
        columns={
            **_HISTORY,
            "account_id": column("account_id"),
            "campaign_id": column("id"),
            "campaign_type": column("type"),
        },
        signature=("id", "name", "account_id", "modified_time", "type"),
        excludes=("date", "spend"),
        required=("campaign_id",),
        ignored=("time_zone",),
    ),
    Source(
        name="microsoft_ads.fivetran.ad_group_history",
        platform=PLATFORM,
        label="Fivetran bingads.ad_group_history",
        dataset="entity",
        constants={"level": "ad_group"},
        columns={**_HISTORY, "campaign_id": column("campaign_id"), "ad_group_id": column("id")},
        signature=("id", "name", "campaign_id", "modified_time"),
        excludes=("date", "spend", "ad_group_id"),
        required=("ad_group_id",),
        ignored=("start_date", "end_date"),
    ),
    Source(
        name="microsoft_ads.fivetran.ad_history",
        platform=PLATFORM,
        label="Fivetran bingads.ad_history",
        dataset="entity",
        constants={"level": "ad"},
        columns={
            **_HISTORY,
            "name": column("title_part_1", "title", "name", combine="coalesce"),
            "ad_group_id": column("ad_group_id"),
            "ad_id": column("id"),
        },
        signature=("id", "ad_group_id", "modified_time", "title_part_1|title"),
        excludes=("date", "spend"),
        required=("ad_id",),
        ignored=("title_part_2", "title_part_3", "final_url", "domain", "type"),
    ),
    Source(
        name="microsoft_ads.fivetran.keyword_history",
        platform=PLATFORM,
        label="Fivetran bingads.keyword_history",
        signature=("id", "name", "ad_group_id", "match_type", "modified_time"),
        refusal=Refusal("Keywords are known by their ids; a table of their texts alone is not stored.",
                        "Leave it out. keyword_performance_daily_report brings what keywords did."),
    ),
)  # fmt: skip
