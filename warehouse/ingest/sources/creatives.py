"""Creatives: in a shape of our own that any platform fits, and as Meta and Google hand them out."""

from __future__ import annotations

from warehouse.ingest.sources import google_ads, meta_ads
from warehouse.ingest.sources.generic import PLATFORM
from warehouse.ingest.sources.model import Alias, Source, column
from warehouse.ingest.sources.words import LANDED

_SHOWN = (
    "headline|title|body|body text|primary text|text|copy|headlines|format|creative format|creative type|"
    "image|image_file|image_path|image_reference|image_url|picture"
)
_GOOGLES_TEXTS = (
    "ad_group_ad.ad.type|ad_group_ad.ad.final_urls|ad_group_ad.ad.responsive_search_ad.headlines|"
    "ad_group_ad.ad.expanded_text_ad.headline_part1"
)
_TEXT_ADS = "headlines|headline|headline_part_1|long_headline|discovery_headline|in_stream_action_headline"
_NO_MEASURES = ("impressions", "clicks", "spend", "cost", "cost_micros", "metrics.cost_micros", "amount spent")

SOURCES = (
    Source(
        name="other_ads.creatives",
        platform=PLATFORM,
        label="Creatives in Causeway's own shape",
        dataset="creative",
        columns={
            "platform": column("platform", "network"),
            "account_id": column("account_id", "ad account id", "customer id", "advertiser id"),
            "account_name": column("account_name", "account"),
            "creative_id": column("creative_id", "ad creative id", "asset id"),
            "ads": column("ad_ids", "ads", "ad_id"),
            "name": column("name", "creative name", "creative"),
            "format": column("format", "creative format", "type", "creative type", "ad format"),
            "headline": column("headline", "title"),
            "body": column("body", "body text", "primary text", "text", "description", "copy"),
            "call_to_action": column("call_to_action", "cta", "call to action type", "button"),
            "image_reference": column("image", "image_file", "image_path", "image_reference", "image_url", "picture"),
            "landing_page": column("landing_page", "landing page url", "final url", "url", "link", "destination url"),
            "tags": column("tags", "labels"),
            "headlines": column("headlines"),
            "descriptions": column("descriptions"),
            "language": column("language", "locale"),
            "duration_seconds": column("duration_seconds", "duration", "duration_s", "video_duration", "length_s"),
            "width": column("width", "image_width"),
            "height": column("height", "image_height"),
            "first_day": column("first_day", "start_date", "launched", "first_seen"),
            "last_day": column("last_day", "end_date", "retired", "last_seen"),
            "updated_at": column("updated_at", *LANDED, combine="coalesce"),
        },
        signature=("creative_id|ad creative id|asset id", _SHOWN),
        excludes=(*_NO_MEASURES, "event_id", "click_id", "user_id", "object_type", "call_to_action_type"),
        required=("creative_id",),
    ),
    Source(
        name="meta_ads.creatives",
        platform=meta_ads.PLATFORM,
        label="Meta ad creatives (API, Airbyte, Fivetran creative_history)",
        dataset="creative",
        columns={
            "account_id": column("account_id"),
            "creative_id": column("id", "creative_id"),
            "name": column("name"),
            "format": column("object_type"),
            "headline": column(
                "title", Alias("object_story_spec", path="$.link_data.name"),
                Alias("object_story_spec", path="$.video_data.title"), combine="coalesce",
            ),
            "body": column(
                "body", Alias("object_story_spec", path="$.link_data.message"),
                Alias("object_story_spec", path="$.video_data.message"), combine="coalesce",
            ),
            "call_to_action": column("call_to_action_type"),
            "image_reference": column("image_url", "image_file", "thumbnail_url", combine="coalesce"),
            "landing_page": column(
                "link_url", "page_link", Alias("object_story_spec", path="$.link_data.link"),
                Alias("object_story_spec", path="$.video_data.call_to_action.value.link"), "object_url",
                combine="coalesce",
            ),
            "headlines": column(Alias("asset_feed_spec", path="$.titles")),
            "descriptions": column(Alias("asset_feed_spec", path="$.bodies")),
            "updated_at": column("updated_time", *LANDED, combine="coalesce"),
        },
        signature=("id|creative_id", "object_type|call_to_action_type|object_story_spec|effective_object_story_id",
                   "body|title|image_url|thumbnail_url|object_story_spec"),
        excludes=(*_NO_MEASURES, "ad_set_id", "adset_id", "campaign_id", "date_start"),
        required=("creative_id",),
    ),
    Source(
        name="google_ads.ads",
        platform=google_ads.PLATFORM,
        label="Google Ads, ads with their texts (GAQL, Airbyte, dlt)",
        dataset="creative",
        columns={
            "account_id": column("customer.id", "customer_id"),
            "creative_id": column("ad_group_ad.ad.id"),
            "ads": column("ad_group_ad.ad.id"),
            "name": column("ad_group_ad.ad.name"),
            "format": column("ad_group_ad.ad.type"),
            "headline": column(
                "ad_group_ad.ad.expanded_text_ad.headline_part1", "ad_group_ad.ad.text_ad.headline",
                "ad_group_ad.ad.responsive_display_ad.long_headline", combine="coalesce",
            ),
            "body": column(
                "ad_group_ad.ad.expanded_text_ad.description", "ad_group_ad.ad.text_ad.description1",
                combine="coalesce",
            ),
            "headlines": column(
                "ad_group_ad.ad.responsive_search_ad.headlines", "ad_group_ad.ad.responsive_display_ad.headlines",
                "ad_group_ad.ad.app_ad.headlines", combine="coalesce",
            ),
            "descriptions": column(
                "ad_group_ad.ad.responsive_search_ad.descriptions",
                "ad_group_ad.ad.responsive_display_ad.descriptions", "ad_group_ad.ad.app_ad.descriptions",
                combine="coalesce",
            ),
            "call_to_action": column("ad_group_ad.ad.responsive_display_ad.call_to_action_text"),
            "image_reference": column("ad_group_ad.ad.image_ad.image_url"),
            "landing_page": column("ad_group_ad.ad.final_urls"),
            "updated_at": column(*LANDED, combine="coalesce"),
        },
        signature=("ad_group_ad.ad.id", _GOOGLES_TEXTS),
        excludes=_NO_MEASURES,
        required=("creative_id",),
    ),
    Source(
        name="google_ads.fivetran.ad_texts",
        platform=google_ads.PLATFORM,
        label="Fivetran google_ads.*_ad_history with texts",
        dataset="creative",
        columns={
            "creative_id": column("ad_id"),
            "ads": column("ad_id"),
            "format": column("type"),
            "headline": column("headline", "headline_part_1", "long_headline", "discovery_headline",
                               "in_stream_action_headline", combine="coalesce"),
            "body": column("description", "description_1", "discovery_description_1", combine="coalesce"),
            "headlines": column("headlines"),
            "descriptions": column("descriptions"),
            "call_to_action": column("call_to_action_text", "in_stream_action_button_label", combine="coalesce"),
            "updated_at": column("updated_at", "_fivetran_synced", combine="coalesce"),
        },
        signature=("ad_id", "ad_group_id", "updated_at", _TEXT_ADS),
        excludes=(*_NO_MEASURES, "date", "creative_id", "keyword_text"),
        required=("creative_id",),
    ),
)  # fmt: skip
