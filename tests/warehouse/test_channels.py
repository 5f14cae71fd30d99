"""The channel of a visit, as Google Analytics groups them."""

import polars as pl
import pytest

from warehouse.channels import channel_of_visit, named_channel
from warehouse.taxonomy import CHANNELS


@pytest.mark.parametrize(
    ("source", "medium", "campaign", "channel"),
    [
        ("(direct)", "(none)", None, "direct"),
        (None, None, None, "direct"),
        ("(not set)", "(not set)", None, "direct"),
        ("google", "cpc", "brand", "paid_search"),
        ("Google", "CPC", "Brand", "paid_search"),
        ("google", "organic", None, "organic_search"),
        ("duckduckgo.com", "referral", None, "organic_search"),
        ("google", "cpc", "summer shopping", "shopping"),
        ("google", "cpc", "cross-network", "performance_max"),
        ("facebook", "paid_social", None, "paid_social"),
        ("m.facebook.com", "referral", None, "organic_social"),
        ("tiktok", "cpc", None, "paid_social"),
        ("youtube", "cpc", None, "video"),
        ("youtube.com", "referral", None, "organic_video"),
        ("dv360", "cpm", None, "display"),
        ("newsletter", "email", None, "email"),
        ("hs_email", "email", None, "email"),
        ("partner.example", "referral", None, "referral"),
        ("partner.example", "affiliate", None, "affiliate"),
        ("shop", "sms", None, "sms"),
        ("amazon.com", "referral", None, "organic_shopping"),
        ("spotify", "audio", None, "other"),
        ("taboola", "cpc", None, "other"),
    ],
)
def test_source_medium_and_campaign_make_a_channel(source, medium, campaign, channel):
    found = channel_of_visit(*(pl.Series([value], dtype=pl.String) for value in (source, medium, campaign)))
    assert found.to_list() == [channel]
    assert channel in CHANNELS


def test_channels_are_known_by_key_by_label_and_by_google_s_names():
    words = pl.Series([*CHANNELS, *CHANNELS.values(), "Paid Search", "Cross-network", "Unassigned", "rubbish", None])
    found = named_channel(words).to_list()
    assert found == [*CHANNELS, *CHANNELS, "paid_search", "performance_max", "other", None, None]
