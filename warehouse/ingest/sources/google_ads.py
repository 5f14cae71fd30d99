"""Google Ads: ads-manager downloads in eight languages, GAQL shapes (API, Airbyte, dlt, BigQuery), Fivetran tables."""

from __future__ import annotations

from warehouse.ingest.sources.model import Alias, Platform, Refusal, Source, column
from warehouse.ingest.sources.words import BREAKDOWNS, LANDED

PLATFORM = Platform(
    name="google_ads",
    label="Google Ads",
    words=("google", "googleads", "adwords", "gads"),
    lookback_days=30,
    click_definition="all",
    conversion_basis="click",
    attribution_setting="google:account_default",
)

_BY_CONVERSION_TIME = "Conversions are dated by the day of the conversion, not of the click; they are another metric."

_UI = {
    "date": column("day", "tag", "jour", "día", "dia", "giorno", "dzień", "dag"),
    "account_id": column("customer id", "external customer id", "kundennummer", "numéro client", "id de cliente",
                         "id do cliente", "id cliente", "identyfikator klienta", "klant-id"),
    "account_name": column("account name", "account", "kontoname", "konto", "nom du compte", "compte",
                           "nombre de la cuenta",
                           "cuenta", "nome da conta", "conta", "nome account", "nazwa konta", "accountnaam"),
    "currency": column("currency code", "currency", "währungscode", "währung", "code de devise", "devise",
                       "código de moneda", "código de divisa", "moneda", "código da moeda", "moeda", "codice valuta",
                       "valuta", "kod waluty", "waluta", "valutacode"),
    "campaign_id": column("campaign id", "kampagnen-id", "id de campagne", "id de la campagne", "id de campaña",
                          "id de la campaña", "id da campanha", "código da campanha", "id campagna",
                          "identyfikator kampanii", "campagne-id"),
    "campaign_name": column("campaign", "campaign name", "kampagne", "campagne", "campaña", "campanha", "campagna",
                            "kampania"),
    "campaign_type": column("campaign type", "kampagnentyp", "type de campagne", "tipo de campaña", "tipo de campanha",
                            "tipo di campagna", "tipo campagna", "typ kampanii", "campagnetype"),
    "ad_group_id": column("ad group id", "anzeigengruppen-id", "id du groupe d'annonces", "id del grupo de anuncios",
                          "id do grupo de anúncios", "id gruppo di annunci", "identyfikator grupy reklam",
                          "advertentiegroep-id"),
    "ad_group_name": column("ad group", "ad group name", "anzeigengruppe", "groupe d'annonces", "grupo de anuncios",
                            "grupo de anúncios", "gruppo di annunci", "grupa reklam", "advertentiegroep"),
    "ad_id": column("ad id", "anzeigen-id", "id de l'annonce", "id del anuncio", "id do anúncio", "id annuncio",
                    "identyfikator reklamy", "advertentie-id"),
    "ad_name": column("ad name", "name der anzeige", "nom de l'annonce", "nombre del anuncio", "nome do anúncio",
                      "nome annuncio", "nazwa reklamy", "advertentienaam"),
    "keyword_id": column("keyword id", "keyword-id", "id du mot clé", "id de la palabra clave", "id da palavra-chave"),
    "keyword_text": column("keyword", "search keyword", "suchkeyword", "mot clé", "mot clé du réseau de recherche",
                           "palabra clave", "palabra clave de búsqueda", "palavra-chave", "parola chiave",
                           "słowo kluczowe", "zoekwoord"),
    "impressions": column("impr.", "impressions", "impressionen", "impresiones", "impressões", "impressioni",
                          "wyświetlenia", "wyśw.", "vertoningen", "vert."),
    "clicks": column("clicks", "klicks", "clics", "cliques", "clic", "kliknięcia", "klikken"),
    "spend": column("cost", "kosten", "coût", "coste", "costo", "custo", "koszt"),
    "conversions": column(
        "conversions", "conv.", "conversiones", "conversões", "conversioni", "konwersje", "conversies",
        Alias("conversions (by conv. time)", conversion_basis="conversion", note=_BY_CONVERSION_TIME),
    ),
    "conversion_value": column(
        "conv. value", "conversion value", "total conv. value", "conv.-wert", "conversion-wert", "valeur conv.",
        "valeur de conv.", "valeur de conversion", "valor de conv.", "valor conv.", "valor de conversión",
        "valor da conversão", "valor da conv.", "valore conv.", "valore di conv.", "wartość konwersji", "wart. konw.",
        "conv.waarde", "conversiewaarde",
        Alias("conv. value (by conv. time)", conversion_basis="conversion"),
    ),
}  # fmt: skip

_OWN_WORDS = (
    "impr.|wyśw.|vert.|currency code|währungscode|code de devise|código de moneda|código de divisa|código da moeda|"
    "codice valuta|kod waluty|valutacode|customer id|kundennummer|conv. value|conv.-wert|conv.waarde|campaign status|"
    "kampagnenstatus|search impr. share"
)

_SEARCH_TERM = (
    "search term|suchbegriff|terme de recherche|término de búsqueda|termo de pesquisa|termine di ricerca|"
    "wyszukiwane hasło|zoekterm"
)

_GAQL = {
    "date": column("segments.date"),
    "account_id": column("customer.id", "customer_id"),
    "account_name": column("customer.descriptive_name"),
    "currency": column("customer.currency_code"),
    "time_zone": column("customer.time_zone"),
    "campaign_id": column("campaign.id", "campaign.resource_name", "campaign.base_campaign", combine="coalesce"),
    "campaign_name": column("campaign.name"),
    "campaign_type": column("campaign.advertising_channel_type"),
    "ad_group_id": column("ad_group.id", "ad_group.resource_name", "ad_group_ad.ad_group", combine="coalesce"),
    "ad_group_name": column("ad_group.name"),
    "ad_id": column("ad_group_ad.ad.id"),
    "ad_name": column("ad_group_ad.ad.name"),
    "keyword_id": column("ad_group_criterion.criterion_id"),
    "keyword_text": column("ad_group_criterion.keyword.text"),
    "impressions": column("metrics.impressions"),
    "clicks": column("metrics.clicks"),
    "spend": column("metrics.cost_micros", unit="micro"),
    "conversions": column(
        "metrics.conversions",
        Alias("metrics.conversions_by_conversion_date", conversion_basis="conversion", note=_BY_CONVERSION_TIME),
    ),
    # In units of the account's currency although cost is in micros.
    "conversion_value": column(
        "metrics.conversions_value",
        Alias("metrics.conversions_value_by_conversion_date", conversion_basis="conversion"),
    ),
    "landed_at": column(*LANDED),
}

_STATS = {
    "date": column("date"),
    "account_id": column("customer_id"),
    "impressions": column("impressions"),
    "clicks": column("clicks"),
    "spend": column("cost_micros", unit="micro"),
    "conversions": column("conversions"),
    "conversion_value": column("conversions_value"),
    "landed_at": column(*LANDED),
}

# "_fivetran_id" is a hash of all that tells two rows apart, also of what is not named here.
_STATS_SEGMENTS = (
    "_fivetran_id",
    "device",
    "ad_network_type",
    "network",
    "hour",
    "slot",
    "click_type",
    "keyword_ad_group_criterion",
)

_HISTORY = {
    "updated_at": column("updated_at", "_fivetran_synced", combine="coalesce"),
    "status": column("status"),
}

SOURCES = (
    Source(
        name="google_ads.ui",
        platform=PLATFORM,
        label="Google Ads report, downloaded",
        columns=_UI,
        # "Cost" and "Impressions" alone are anybody's; these are Google's own ways of writing.
        signature=("|".join(a.header for a in _UI["spend"].aliases), _OWN_WORDS),
        excludes=("date", "spend", "search term", "suchbegriff", "metrics.clicks", "by day", "timeperiod",
                  "gregorian date",
                  "amount spent", "link clicks", "cost_micros"),
        required=("spend", "impressions"),
        segments=(*BREAKDOWNS, "ad network type", "search terms match type", "click type", "netzwerk"),
        conversion_segments=("conversion action", "conversion action name", "conversion category", "conversion source",
                             "conversion-aktion", "action de conversion", "acción de conversión", "ação de conversão",
                             "azione di conversione", "działanie powodujące konwersję", "conversieactie"),
        ignored=("search term match type", "campaign state", "kampagnenstatus", "gebotsstrategietyp",
                 "interaction types"),
        preamble="google_period",
    ),
    Source(
        name="google_ads.ui.search_terms",
        platform=PLATFORM,
        label="Google Ads search terms report, downloaded",
        signature=(_SEARCH_TERM,),
        refusal=Refusal("A search terms report holds only the searches that Google shows, a part of the spend.",
                        "Load the campaign or the keyword report of the same days instead."),
    ),
    Source(
        name="google_ads.gaql",
        platform=PLATFORM,
        label="Google Ads API rows (GAQL, Airbyte, dlt, BigQuery)",
        columns=_GAQL,
        signature=("segments.date", "metrics.cost_micros|metrics.clicks|metrics.impressions|metrics.conversions"),
        excludes=("search_term_view.search_term", "geographic_view.country_criterion_id",
                  "user_location_view.country_criterion_id",
                  "click_view.gclid"),
        required=("date",),
        segments=("segments.device", "segments.ad_network_type", "segments.hour", "segments.slot",
                  "segments.click_type",
                  "segments.day_of_week", "segments.keyword.ad_group_criterion"),
        conversion_segments=("segments.conversion_action", "segments.conversion_action_name",
                             "segments.conversion_action_category"),
        machine_numbers=True,
    ),
    Source(
        name="google_ads.gaql.breakdown",
        platform=PLATFORM,
        label="Google Ads API rows by search term, place or click",
        signature=("segments.date", ("search_term_view.search_term|geographic_view.country_criterion_id|"
                   "user_location_view.country_criterion_id|click_view.gclid")),
        refusal=Refusal("These rows split a campaign by search term, place or click and leave a part of it out.",
                        "Load the campaign stream (campaign, segments.date, metrics) instead."),
    ),
    Source(
        name="google_ads.fivetran.account_stats",
        platform=PLATFORM,
        label="Fivetran google_ads.account_stats",
        columns=_STATS,
        level="account",
        signature=("customer_id", "cost_micros", "date"),
        excludes=("id", "campaign_id", "ad_group_id", "ad_id", "search_term"),
        required=("date", "account_id", "spend"),
        segments=_STATS_SEGMENTS,
        machine_numbers=True,
    ),
    Source(
        name="google_ads.fivetran.campaign_stats",
        platform=PLATFORM,
        label="Fivetran google_ads.campaign_stats",
        columns={**_STATS, "campaign_id": column("id", "base_campaign", combine="coalesce")},
        level="campaign",
        signature=("customer_id", "cost_micros", "date", "id|base_campaign"),
        excludes=("campaign_id", "ad_group_id", "base_ad_group", "ad_id", "search_term"),
        required=("date", "campaign_id", "spend"),
        segments=_STATS_SEGMENTS,
        machine_numbers=True,
    ),
    Source(
        name="google_ads.fivetran.ad_group_stats",
        platform=PLATFORM,
        label="Fivetran google_ads.ad_group_stats",
        columns={
            **_STATS,
            "campaign_id": column("campaign_id", "campaign_base_campaign", combine="coalesce"),
            "ad_group_id": column("id", "base_ad_group", combine="coalesce"),
        },
        level="ad_group",
        signature=("customer_id", "cost_micros", "date", "id", "campaign_id"),
        excludes=("ad_id", "search_term", "ad_group_criterion_criterion_id"),
        required=("date", "ad_group_id", "spend"),
        segments=_STATS_SEGMENTS,
        machine_numbers=True,
    ),
    Source(
        name="google_ads.fivetran.ad_stats",
        platform=PLATFORM,
        label="Fivetran google_ads.ad_stats",
        columns={
            **_STATS,
            "campaign_id": column("campaign_id", "campaign_base_campaign", combine="coalesce"),
            "ad_group_id": column("ad_group_id", "ad_group", "ad_group_base_ad_group", combine="coalesce"),
            "ad_id": column("ad_id"),
        },
        level="ad",
        signature=("customer_id", "cost_micros", "date", "ad_id"),
        excludes=("search_term", "ad_group_criterion_criterion_id"),
        required=("date", "ad_id", "spend"),
        segments=_STATS_SEGMENTS,
        machine_numbers=True,
    ),
    Source(
        name="google_ads.fivetran.keyword_stats",
        platform=PLATFORM,
        label="Fivetran google_ads.keyword_stats",
        columns={
            **_STATS,
            "campaign_id": column("campaign_id", "campaign_base_campaign", combine="coalesce"),
            "ad_group_id": column("ad_group_id", "ad_group_base_ad_group", combine="coalesce"),
            "keyword_id": column("ad_group_criterion_criterion_id"),
        },
        level="keyword",
        signature=("customer_id", "cost_micros", "date", "ad_group_criterion_criterion_id"),
        excludes=("search_term",),
        required=("date", "keyword_id", "spend"),
        segments=_STATS_SEGMENTS,
        machine_numbers=True,
    ),
    Source(
        name="google_ads.fivetran.search_terms",
        platform=PLATFORM,
        label="Fivetran google_ads.search_term_keyword_stats",
        signature=("customer_id", "cost_micros", "search_term"),
        refusal=Refusal("A search terms table holds only the searches that Google shows, a part of the spend.",
                        "Load campaign_stats or keyword_stats instead."),
    ),
    Source(
        name="google_ads.fivetran.account_history",
        platform=PLATFORM,
        label="Fivetran google_ads.account_history",
        dataset="entity",
        constants={"level": "account"},
        columns={
            "account_id": column("id", "customer.id"),
            "name": column("descriptive_name", "customer.descriptive_name"),
            "currency": column("currency_code", "customer.currency_code"),
            "time_zone": column("time_zone", "customer.time_zone"),
            "updated_at": _HISTORY["updated_at"],
        },
        signature=("id|customer.id", "descriptive_name|customer.descriptive_name",
                   "currency_code|customer.currency_code"),
        excludes=("segments.date", "date", "metrics.clicks"),
        required=("account_id",),
    ),
    Source(
        name="google_ads.fivetran.campaign_history",
        platform=PLATFORM,
        label="Fivetran google_ads.campaign_history",
        dataset="entity",
        constants={"level": "campaign"},
        columns={
            **_HISTORY,
            "account_id": column("customer_id"),
            "campaign_id": column("id"),
            "name": column("name"),
            "campaign_type": column("advertising_channel_type"),
        },
        signature=("id", "customer_id", "advertising_channel_type"),
        excludes=("date", "cost_micros"),
        required=("campaign_id",),
    ),
    Source(
        name="google_ads.fivetran.ad_group_history",
        platform=PLATFORM,
        label="Fivetran google_ads.ad_group_history",
        dataset="entity",
        constants={"level": "ad_group"},
        columns={
            **_HISTORY,
            "campaign_id": column("campaign_id"),
            "ad_group_id": column("id"),
            "name": column("name"),
        },
        signature=("id", "campaign_id", "campaign_name", "updated_at"),
        excludes=("date", "ad_group_id", "keyword_text"),
        required=("ad_group_id",),
        file_words=r"google|adwords",
    ),
    Source(
        name="google_ads.fivetran.ad_history",
        platform=PLATFORM,
        label="Fivetran google_ads.ad_history",
        dataset="entity",
        constants={"level": "ad"},
        columns={
            **_HISTORY,
            "ad_group_id": column("ad_group_id"),
            "ad_id": column("id"),
            "name": column("name"),
        },
        signature=("id", "ad_group_id", "final_urls|display_url", "updated_at"),
        excludes=("date", "keyword_text"),
        required=("ad_id",),
        file_words=r"google|adwords",
    ),
    Source(
        name="google_ads.fivetran.keyword_history",
        platform=PLATFORM,
        label="Fivetran google_ads.ad_group_criterion_history",
        signature=("id", "ad_group_id", "keyword_match_type", "keyword_text"),
        refusal=Refusal("Keywords are known by their ids; a table of their texts alone is not stored.",
                        "Leave it out. keyword_stats brings what keywords did."),
    ),
    Source(
        name="google_ads.editor",
        platform=PLATFORM,
        label="Google Ads Editor, whole account",
        signature=("campaign", "ad group", "max cpc|campaign daily budget|budget type"),
        excludes=("cost", "impr.", "impressions", "day"),
        refusal=Refusal("This is an export of settings from Google Ads Editor; it has no daily performance.",
                        "In Google Ads open Campaigns, segment by Time > Day, and download that report as CSV."),
    ),
)  # fmt: skip
