"""Meta (Facebook, Instagram): ads-manager downloads in eight languages, Insights API shapes, Fivetran tables."""

from __future__ import annotations

from warehouse.ingest.sources.model import Alias, Ambiguous, Platform, Refusal, Source, column
from warehouse.ingest.sources.words import BREAKDOWNS, LANDED

PLATFORM = Platform(
    name="meta_ads",
    label="Meta Ads",
    words=("meta", "metaads", "facebook", "facebookads", "fb", "fbads", "instagram"),
    lookback_days=28,
    click_definition="all",
    conversion_basis="impression",
)

_SPEND = (
    "amount spent", "ausgegebener betrag", "montant dépensé", "importe gastado", "valor usado", "valor gasto",
    "montante gasto", "importo speso", "wydana kwota", "kwota wydana", "besteed bedrag", "uitgegeven bedrag",
)  # fmt: skip

_UI = {
    "date": column(
        "day", "tag", "jour", "día", "dia", "giorno", "dzień", "dag",
        *(Alias(h, whole_range=True) for h in (
            "reporting starts", "beginn des berichtszeitraums", "berichtsstart", "auswertungsstart",
            "début des rapports", "début du rapport", "inicio del informe", "início dos relatórios", "inizio report",
            "início do relatório", "inizio del report", "rozpoczęcie raportu", "początek raportowania",
            "begin rapportage", "start rapportage")),
    ),
    "date_end": column(
        "reporting ends", "ende des berichtszeitraums", "berichtsende", "auswertungsende", "fin des rapports",
        "fin du rapport", "fin del informe", "término dos relatórios", "encerramento dos relatórios", "fine report",
        "fim do relatório", "fine del report", "zakończenie raportu", "koniec raportowania", "einde rapportage",
    ),
    "account_id": column("account id", "konto-id", "werbekonto-id", "identifiant du compte",
                         "identificador de la cuenta",
                         "id da conta", "identificação da conta", "id account", "identyfikator konta", "account-id"),
    "account_name": column("account name", "kontoname", "name des werbekontos", "nom du compte", "nombre de la cuenta",
                           "nome da conta", "nome dell'account", "nome account", "nazwa konta", "accountnaam"),
    "currency": column("currency", "währung", "devise", "divisa", "moneda", "moeda", "valuta", "waluta"),
    "campaign_id": column("campaign id", "kampagnen-id", "identifiant de la campagne", "id de la campagne",
                          "identificador de la campaña", "id de la campaña", "identificação da campanha",
                          "id da campanha", "id campagna", "id della campagna", "identyfikator kampanii",
                          "campagne-id"),
    "campaign_name": column("campaign name", "kampagnenname", "name der kampagne", "nom de la campagne",
                            "nombre de la campaña", "nome da campanha", "nome della campagna", "nome campagna",
                            "nazwa kampanii", "campagnenaam", "naam campagne"),
    "campaign_type": column("objective", "ziel", "objectif", "objetivo", "obiettivo", "cel", "doelstelling"),
    "ad_group_id": column("ad set id", "anzeigengruppen-id", "identifiant de l'ensemble de publicités",
                          "identificador del conjunto de anuncios", "identificação do conjunto de anúncios",
                          "id do conjunto de anúncios", "id gruppo di inserzioni", "id del gruppo di inserzioni",
                          "identyfikator zestawu reklam", "advertentieset-id", "id advertentieset"),
    "ad_group_name": column("ad set name", "anzeigengruppenname", "name der anzeigengruppe",
                            "nom de l'ensemble de publicités", "nombre del conjunto de anuncios",
                            "nome do conjunto de anúncios", "nome del gruppo di inserzioni",
                            "nome gruppo di inserzioni",
                            "nazwa zestawu reklam", "naam advertentieset", "advertentiesetnaam"),
    "ad_id": column("ad id", "anzeigen-id", "identifiant de la publicité", "identificador del anuncio",
                    "identificação do anúncio", "id do anúncio", "id inserzione", "id dell'inserzione",
                    "identyfikator reklamy", "advertentie-id", "id advertentie"),
    "ad_name": column("ad name", "name der anzeige", "anzeigenname", "nom de la publicité", "nombre del anuncio",
                      "nome do anúncio", "nome dell'inserzione", "nome inserzione", "nazwa reklamy",
                      "naam advertentie", "advertentienaam"),
    "attribution_setting": column("attribution setting", "attributionseinstellung", "paramètre d'attribution",
                                  "configuración de atribución", "configuração de atribuição",
                                  "impostazione di attribuzione", "ustawienie atrybucji", "attributie-instelling"),
    "impressions": column("impressions", "impressionen", "impresiones", "impressões", "impression", "visualizzazioni",
                          "wyświetlenia", "weergaven", "vertoningen"),
    "clicks": column(
        *(Alias(h, click_definition="link") for h in (
            "link clicks", "link-klicks", "clics sur un lien", "clics en el enlace", "cliques no link",
            "cliques na ligação", "clic sul link", "kliknięcia linku", "kliknięcia łącza", "linkkliks",
            "klikken op link",
            "inline link clicks")),
        "clicks (all)", "klicks (alle)", "clics (tous)", "clics (todos)", "cliques (todos)", "clic (tutti)",
        "kliknięcia (wszystkie)", "kliks (alle)", "klikken (alle)",
    ),
    "spend": column(*_SPEND),
    "conversions": column("purchases", "käufe", "achats", "compras", "acquisti", "zakupy", "aankopen",
                          "website purchases", "website-käufe", "achats sur le site web", "compras en el sitio web",
                          "compras no site", "acquisti sul sito web", "zakupy w witrynie", "websiteaankopen"),
    "conversion_value": column(
        "purchases conversion value", "purchase conversion value", "conversion-wert der käufe",
        "conversion-wert von käufen", "valeur de conversion des achats", "valor de conversión de compras",
        "valor de conversão de compras", "valor de conversão da compra", "valore di conversione degli acquisti",
        "valore di conversione acquisti", "wartość konwersji zakupów", "conversiewaarde van aankopen",
        "conversiewaarde aankopen", "website purchases conversion value",
    ),
    "results": column("results", "ergebnisse", "résultats", "resultados", "risultati", "wyniki", "resultaten"),
    "result_indicator": column("result indicator", "ergebnisindikator", "indicateur de résultat",
                               "indicador de resultado", "indicador de resultados", "indicatore dei risultati",
                               "wskaźnik wyniku", "resultaatindicator", "result type"),
}  # fmt: skip

_OWN_WORDS = (
    "|".join(
        alias.header
        for field in ("date", "date_end", "ad_group_name", "ad_group_id", "attribution_setting", "result_indicator")
        for alias in _UI[field].aliases
    )
    + "|link clicks|clicks (all)"
)

_SPLITS = ("age|gender|country|region|dma|publisher_platform|platform_position|impression_device|device_platform|"
           "product_id|frequency_value")  # fmt: skip

_INSIGHTS = {
    "date": column("date", Alias("date_start", whole_range=True)),
    "date_end": column("date_stop"),
    "account_id": column("account_id"),
    "account_name": column("account_name"),
    "currency": column("account_currency"),
    "campaign_id": column("campaign_id"),
    "campaign_name": column("campaign_name"),
    "campaign_type": column("objective"),
    "ad_group_id": column("adset_id", "ad_set_id"),
    "ad_group_name": column("adset_name", "ad_set_name"),
    "ad_id": column("ad_id"),
    "ad_name": column("ad_name"),
    "attribution_setting": column("attribution_setting"),
    "impressions": column("impressions"),
    "clicks": column(Alias("inline_link_clicks", click_definition="link"), "clicks"),
    "spend": column("spend"),
    "actions": column("actions"),
    "action_values": column("action_values"),
    "landed_at": column(*LANDED),
}

_ACTIONS = {
    "date": column("date", "date_start"),
    "account_id": column("account_id"),
    "campaign_id": column("campaign_id"),
    "ad_group_id": column("adset_id", "ad_set_id"),
    "ad_id": column("ad_id"),
    "action_type": column("action_type"),
    "landed_at": column(*LANDED),
}
_WINDOWS = ("index", "inline", "_1_d_view", "_1_d_click", "_7_d_click", "_7_d_view", "_28_d_click", "_28_d_view",
            "1d_click", "1d_view", "7d_click", "28d_click", "_1_d_ev", "_dda", "_dlt_parent_id", "_dlt_list_idx",
            "action_destination", "action_reaction")  # fmt: skip

_HISTORY = {
    "account_id": column("account_id"),
    "status": column("status", "effective_status"),
    "updated_at": column("updated_time", "_fivetran_synced", "_airbyte_extracted_at", combine="coalesce"),
    "name": column("name"),
}
_NO_MEASURES = ("date", "date_start", "spend", "impressions", "ad_group_id", "customer_id", "advertiser_id",
                "campaign_group_id", "last_modified_time", "modified_time", "updated_at")  # fmt: skip

SOURCES = (
    Source(
        name="meta_ads.ui",
        platform=PLATFORM,
        label="Meta ads-manager report, downloaded",
        columns=_UI,
        # "Amount spent" alone is also Reddit's and Snapchat's.
        signature=("|".join(_SPEND), _OWN_WORDS),
        excludes=("gregorian date", "timeperiod", "by day", "segments.date", "swipe ups", "swipes", "ad squad name",
                  "ecpm",
                  "paid impressions"),
        required=("spend",),
        segments=(*BREAKDOWNS, "time of day (ad account time zone)", "time of day (viewer's time zone)", "region"),
        ignored=("results", "result indicator", "reach", "link clicks", "clicks (all)", "purchases", "ends", "starts",
                 "reporting starts", "reporting ends", "landing page views", "adds to cart", "leads"),
        blank_total=True,
    ),
    Source(
        name="meta_ads.insights",
        platform=PLATFORM,
        label="Meta Insights rows (API, Airbyte, dlt, BigQuery)",
        columns=_INSIGHTS,
        signature=("date_start", "spend|impressions|clicks", "campaign_id|adset_id|ad_id|account_id"),
        excludes=("action_type", *_SPLITS.split("|")),
        required=("date",),
        segments=("hourly_stats_aggregated_by_advertiser_time_zone",),
        ambiguous=(
            Ambiguous("conversion", ("conversions", "conversion_value"), "It may be a count or a value."),
            Ambiguous("conversions", ("conversions", "conversion_value"),
                      "Meta's own field of that name is a list of actions; a plain number may be a count or a value."),
        ),
        ignored=("cost_per_action_type", "buying_type", "optimization_goal", "created_time", "updated_time",
                 "outbound_clicks", "social_spend", "estimated_ad_recallers", "canvas_avg_view_time"),
        machine_numbers=True,
    ),
    Source(
        name="meta_ads.insights.breakdown",
        platform=PLATFORM,
        label="Meta Insights rows by place, person or placement",
        signature=("date_start", "spend|impressions|clicks|action_type", _SPLITS),
        refusal=Refusal("These rows split the same spend as the plain insights by place, person or placement.",
                        "Load ads_insights without a breakdown instead."),
    ),
    Source(
        name="meta_ads.insights.actions",
        platform=PLATFORM,
        label="Meta Insights actions as a table (dlt, BigQuery)",
        columns={**_ACTIONS, "conversions": column("value")},
        facet="conversions",
        signature=("date_start", "action_type", "value"),
        excludes=tuple(_SPLITS.split("|")),
        required=("date", "conversions", "ad_id|ad_group_id|campaign_id"),
        ignored=_WINDOWS,
        machine_numbers=True,
    ),
    Source(
        name="meta_ads.fivetran.basic_ad",
        platform=PLATFORM,
        label="Fivetran facebook_ads.basic_ad",
        columns={**_INSIGHTS, "date": column("date")},
        level="ad",
        signature=("ad_id", "date", "inline_link_clicks|reach", "spend"),
        excludes=("action_type", "country", "region", "date_start", "age", "gender", "customer_id", "advertiser_id"),
        required=("date", "ad_id", "spend"),
        machine_numbers=True,
    ),
    Source(
        name="meta_ads.fivetran.basic_ad_actions",
        platform=PLATFORM,
        label="Fivetran facebook_ads.basic_ad_actions",
        columns={**_ACTIONS, "conversions": column("value")},
        level="ad",
        facet="conversions",
        signature=("ad_id", "date", "action_type", "value"),
        excludes=("country", "region", "date_start", "age", "gender"),
        required=("date", "ad_id", "conversions"),
        file_words=r"actions(?!.*values)",
        ignored=_WINDOWS,
        machine_numbers=True,
    ),
    Source(
        name="meta_ads.fivetran.basic_ad_action_values",
        platform=PLATFORM,
        label="Fivetran facebook_ads.basic_ad_action_values",
        columns={**_ACTIONS, "conversion_value": column("value")},
        level="ad",
        facet="values",
        signature=("ad_id", "date", "action_type", "value"),
        excludes=("country", "region", "date_start", "age", "gender"),
        required=("date", "ad_id", "conversion_value"),
        file_words=r"action_?values",
        by_name_only=True,
        ignored=_WINDOWS,
        machine_numbers=True,
    ),
    Source(
        name="meta_ads.fivetran.demographics",
        platform=PLATFORM,
        label="Fivetran facebook_ads.demographics_*",
        signature=("account_id", "date", "country|region|age|gender", "inline_link_clicks|action_type"),
        excludes=("ad_id", "campaign_id", "date_start"),
        refusal=Refusal("The table splits the account by place or person; beside basic_ad the spend counts twice.",
                        "Load basic_ad, basic_ad_actions and basic_ad_action_values instead."),
    ),
    Source(
        name="meta_ads.fivetran.demographics_actions",
        platform=PLATFORM,
        label="Fivetran facebook_ads.demographics_*_actions",
        signature=("account_id", "date", "action_type", "value"),
        excludes=("ad_id", "adset_id", "campaign_id", "date_start"),
        refusal=Refusal("The table splits actions by place or person; basic_ad_actions has the same ones.",
                        "Load basic_ad_actions and basic_ad_action_values instead."),
    ),
    Source(
        name="meta_ads.fivetran.account_history",
        platform=PLATFORM,
        label="Fivetran facebook_ads.account_history",
        dataset="entity",
        constants={"level": "account"},
        columns={
            "account_id": column("id", "account_id"),
            "name": column("name"),
            "currency": column("currency"),
            "time_zone": column("timezone_name"),
            "status": column("account_status"),
            "updated_at": column("updated_time", "_fivetran_synced", "_airbyte_extracted_at", combine="coalesce"),
        },
        signature=("id", "name"),
        excludes=(*_NO_MEASURES, "campaign_id", "ad_set_id"),
        required=("account_id", "name"),
        file_words=r"(facebook|meta|fb).*(account_history|ad_accounts?\b)",
        by_name_only=True,
    ),
    Source(
        name="meta_ads.fivetran.campaign_history",
        platform=PLATFORM,
        label="Fivetran facebook_ads.campaign_history",
        dataset="entity",
        constants={"level": "campaign"},
        columns={**_HISTORY, "campaign_id": column("id"), "campaign_type": column("objective")},
        signature=("id", "account_id", "name", "updated_time"),
        excludes=(*_NO_MEASURES, "campaign_id", "ad_set_id"),
        required=("campaign_id",),
    ),
    Source(
        name="meta_ads.fivetran.ad_set_history",
        platform=PLATFORM,
        label="Fivetran facebook_ads.ad_set_history",
        dataset="entity",
        constants={"level": "ad_group"},
        columns={**_HISTORY, "campaign_id": column("campaign_id"), "ad_group_id": column("id")},
        signature=("id", "account_id", "campaign_id", "name", "updated_time"),
        excludes=(*_NO_MEASURES, "ad_set_id", "adset_id", "creative_id"),
        required=("ad_group_id",),
    ),
    Source(
        name="meta_ads.fivetran.ad_history",
        platform=PLATFORM,
        label="Fivetran facebook_ads.ad_history",
        dataset="entity",
        constants={"level": "ad"},
        columns={
            **_HISTORY,
            "campaign_id": column("campaign_id"),
            "ad_group_id": column("ad_set_id", "adset_id"),
            "ad_id": column("id"),
            "creative_id": column("creative_id", Alias("creative", path="$.id"), combine="coalesce"),
        },
        signature=("id", "account_id", "ad_set_id|adset_id", "name"),
        excludes=_NO_MEASURES,
        required=("ad_id",),
    ),
)  # fmt: skip
