"""LinkedIn: Campaign Manager downloads in eight languages, adAnalytics shapes (API, Airbyte), Fivetran tables.

LinkedIn's campaign group is a campaign here, and its campaign an ad group.
"""

from __future__ import annotations

from warehouse.ingest.sources.model import Alias, Platform, Refusal, Source, column
from warehouse.ingest.sources.words import BREAKDOWNS, LANDED

PLATFORM = Platform(
    name="linkedin_ads",
    label="LinkedIn Ads",
    words=("linkedin", "linkedinads"),
    lookback_days=30,
    click_definition="all",
    time_zone="UTC",
)

_STARTS = (
    "start date (in utc)", "start date", "startdatum (in utc)", "startdatum", "date de début (en utc)", "date de début",
    "fecha de inicio (en utc)", "fecha de inicio", "data de início (em utc)", "data de início",
    "data di inizio (in utc)",
    "data di inizio", "data rozpoczęcia (w utc)", "data rozpoczęcia", "begindatum (in utc)", "begindatum",
)  # fmt: skip
_SPEND = (
    "total spent", "gesamtausgaben", "ausgaben gesamt", "insgesamt ausgegeben", "total dépensé",
    "montant total dépensé",
    "total gastado", "gasto total", "total gasto", "totale speso", "spesa totale", "importo totale speso",
    "łączne wydatki",
    "łącznie wydano", "totaal besteed", "totaal uitgegeven",
)  # fmt: skip
_USD_NOTE = "The spend is LinkedIn's amount in US dollars; the value of conversions is in the account's own currency."

_UI = {
    "date": column("date (in utc)", "day", *(Alias(h, whole_range=True) for h in _STARTS)),
    "date_end": column("end date (in utc)", "end date", "enddatum (in utc)", "enddatum", "date de fin (en utc)",
                       "fecha de finalización (en utc)", "data de término (em utc)", "data di fine (in utc)",
                       "data zakończenia (w utc)", "einddatum (in utc)"),
    "account_id": column("account id"),
    "account_name": column("account name", "kontoname", "nom du compte", "nombre de la cuenta", "nome da conta",
                           "nome dell'account", "nome account", "nazwa konta", "accountnaam"),
    "currency": column("currency", "währung", "devise", "moneda", "divisa", "moeda", "valuta", "waluta"),
    "campaign_id": column("campaign group id", "kampagnengruppen-id", "identifiant du groupe de campagnes",
                          "id. del grupo de campañas", "código do grupo de campanhas", "id gruppo di campagne",
                          "identyfikator grupy kampanii", "campagnegroep-id"),
    "campaign_name": column("campaign group name", "kampagnengruppenname", "name der kampagnengruppe",
                            "nom du groupe de campagnes", "nombre del grupo de campañas", "nome do grupo de campanhas",
                            "nome del gruppo di campagne", "nazwa grupy kampanii", "naam campagnegroep",
                            "naam van campagnegroep"),
    "campaign_type": column("campaign objective", "campaign group objective", "kampagnenziel",
                            "objectif de la campagne",
                            "objetivo de la campaña", "objetivo da campanha"),
    "ad_group_id": column("campaign id", "kampagnen-id", "identifiant de la campagne", "id de campagne",
                          "id. de la campaña", "id de la campaña", "código da campanha", "id da campanha",
                          "id campagna", "identyfikator kampanii", "campagne-id"),
    "ad_group_name": column("campaign name", "kampagnenname", "nom de la campagne", "nombre de la campaña",
                            "nome da campanha", "nome della campagna", "nome campagna", "nazwa kampanii",
                            "campagnenaam",
                            "naam van campagne"),
    "ad_id": column("creative id", "ad id", "anzeigen-id", "identifiant de la publicité", "id. del anuncio"),
    "ad_name": column("creative name", "ad name", "anzeigenname", "nom de la publicité"),
    "impressions": column("impressions", "impressionen", "impresiones", "impressões", "impressioni", "visualizzazioni",
                          "wyświetlenia", "weergaven", "vertoningen"),
    "clicks": column("clicks", "klicks", "clics", "cliques", "clic", "kliknięcia", "klikken",
                     Alias("clicks to landing page", click_definition="destination")),
    "spend": column(*_SPEND),
    "conversions": column("conversions", "conversiones", "conversões", "conversioni", "konversionen", "konwersje",
                          "conversies"),
    "conversion_value": column("total conversion value", "gesamter conversion-wert", "conversion-gesamtwert",
                               "valeur totale des conversions", "valeur totale de conversion",
                               "valor total de conversión",
                               "valor total de conversões", "valor total da conversão", "valore totale conversioni",
                               "valore totale delle conversioni", "łączna wartość konwersji", "totale conversiewaarde"),
}  # fmt: skip

_ANALYTICS = {
    "date": column("day", "date", Alias("start_date", whole_range=True)),
    "date_end": column("end_date"),
    "account_id": column("account_id", "sponsored_account"),
    "campaign_id": column("campaign_group_id", "sponsored_campaign_group"),
    "impressions": column("impressions"),
    "clicks": column("clicks", Alias("landing_page_clicks", click_definition="destination")),
    # Local currency first: the value of conversions comes in nothing else.
    "spend": column("cost_in_local_currency", Alias("cost_in_usd", note=_USD_NOTE)),
    "conversions": column("external_website_conversions", "one_click_leads", combine="sum"),
    "conversion_value": column("conversion_value_in_local_currency"),
    "landed_at": column(*LANDED),
}
_COSTS = "cost_in_local_currency|cost_in_usd"
_MANY = ("actionclicks", "cardclicks", "leadgenerationmailcontactinfoshares", "sends")

_HISTORY = {
    "name": column("name"),
    "status": column("status"),
    "updated_at": column(
        "last_modified_time", "last_modified_at", "last_modified", "_fivetran_synced", combine="coalesce"
    ),
}

SOURCES = (
    Source(
        name="linkedin_ads.ui",
        platform=PLATFORM,
        label="LinkedIn Campaign Manager report, downloaded",
        columns=_UI,
        signature=("|".join(_SPEND), "|".join((*_STARTS, *(a.header for a in _UI["campaign_name"].aliases),
                                               "campaign id", "campaign name"))),
        excludes=("cost_in_usd", "cost_micros"),
        required=("spend", "impressions|clicks"),
        segments=(*BREAKDOWNS, "campaign start date", "member country", "seniority", "job function", "industry"),
        ignored=("leads", "clicks to landing page", "campaign type", "cost type", "lead forms opened",
                 "total engagements",
                 "campaign status", "campaign group status", "account status"),
        preamble="linkedin_report",
        date_order="month_first",
    ),
    Source(
        name="linkedin_ads.analytics",
        platform=PLATFORM,
        label="LinkedIn adAnalytics rows (API, Airbyte, Fivetran) by campaign group",
        columns=_ANALYTICS,
        signature=(_COSTS, "campaign_group_id|sponsored_campaign_group", "day|date|start_date"),
        excludes=("month", "member_country", "member_region", "campaign_id", "creative_id"),
        required=("date", "spend", "campaign_id"),
        ignored=_MANY,
        machine_numbers=True,
    ),
    Source(
        name="linkedin_ads.analytics.by_campaign",
        platform=PLATFORM,
        label="LinkedIn adAnalytics rows (API, Airbyte, Fivetran) by campaign",
        columns={
            **_ANALYTICS,
            "ad_group_id": column("campaign_id", "sponsored_campaign", "pivot_values", "string_of_pivot_values"),
        },
        level="ad_group",
        signature=(_COSTS, "campaign_id|sponsored_campaign", "day|date|start_date"),
        excludes=("month", "member_country", "member_region", "creative_id", "sponsored_creative"),
        required=("date", "spend", "ad_group_id"),
        ignored=_MANY,
        machine_numbers=True,
    ),
    Source(
        name="linkedin_ads.analytics.by_creative",
        platform=PLATFORM,
        label="LinkedIn adAnalytics rows (API, Airbyte, Fivetran) by creative",
        columns={
            **_ANALYTICS,
            "ad_group_id": column("campaign_id", "sponsored_campaign"),
            "ad_id": column("creative_id", "sponsored_creative"),
        },
        level="ad",
        signature=(_COSTS, "creative_id|sponsored_creative", "day|date|start_date"),
        excludes=("month", "member_country", "member_region"),
        required=("date", "spend", "ad_id"),
        ignored=_MANY,
        machine_numbers=True,
    ),
    Source(
        name="linkedin_ads.fivetran.monthly_by_member",
        platform=PLATFORM,
        label="Fivetran linkedin_ads.monthly_ad_analytics_by_member_*",
        signature=(_COSTS, "month",
                   "member_country|member_region|member_industry|member_seniority|member_job_function"),
        refusal=Refusal("The table has whole months by the members' place or job; a month cannot be split into days.",
                        "Load ad_analytics_by_campaign or ad_analytics_by_creative instead."),
    ),
    Source(
        name="linkedin_ads.fivetran.geo",
        platform=PLATFORM,
        label="Fivetran linkedin_ads.geo",
        signature=("id", "value"),
        excludes=("name", "date", "account_id", "ad_id", "ad_group_id"),
        file_words=r"linkedin.*geo",
        by_name_only=True,
        refusal=Refusal("The table only names places, which are not stored.", "Leave it out."),
    ),
    Source(
        name="linkedin_ads.fivetran.account_history",
        platform=PLATFORM,
        label="Fivetran linkedin_ads.ad_account_history",
        dataset="entity",
        constants={"level": "account"},
        columns={**_HISTORY, "account_id": column("id"), "currency": column("currency")},
        signature=("id", "name", "currency", "last_modified_time|last_modified_at|last_modified"),
        excludes=("date", "account_id", "currency_code"),
        required=("account_id",),
        ignored=("version_tag", "created_time"),
    ),
    Source(
        name="linkedin_ads.fivetran.campaign_group_history",
        platform=PLATFORM,
        label="Fivetran linkedin_ads.ad_campaign_group_history",
        dataset="entity",
        constants={"level": "campaign"},
        columns={**_HISTORY, "account_id": column("account_id"), "campaign_id": column("id")},
        signature=("id", "name", "account_id", "last_modified_time|last_modified_at"),
        excludes=("date", "campaign_group_id", "campaign_id", "time_zone"),
        required=("campaign_id",),
        ignored=("created_time",),
    ),
    Source(
        name="linkedin_ads.fivetran.campaign_history",
        platform=PLATFORM,
        label="Fivetran linkedin_ads.ad_campaign_history",
        dataset="entity",
        constants={"level": "ad_group"},
        columns={
            **_HISTORY,
            "account_id": column("account_id"),
            "campaign_id": column("campaign_group_id"),
            "ad_group_id": column("id"),
        },
        signature=("id", "name", "campaign_group_id"),
        excludes=("date", "impressions"),
        required=("ad_group_id",),
        ignored=("version_tag", "created_time"),
    ),
    Source(
        name="linkedin_ads.fivetran.creative_history",
        platform=PLATFORM,
        label="Fivetran linkedin_ads.creative_history",
        dataset="entity",
        constants={"level": "ad"},
        columns={**_HISTORY, "ad_group_id": column("campaign_id"), "ad_id": column("id")},
        signature=("id", "campaign_id", "last_modified_time|last_modified_at", "click_uri|intended_status|type"),
        excludes=("date", "impressions", "campaign_group_id"),
        required=("ad_id",),
        file_words=r"linkedin",
    ),
)  # fmt: skip
