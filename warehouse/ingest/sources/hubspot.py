"""HubSpot: contacts and deals as exported, as the API gives them and as connectors land them; marketing e-mails.

The API's objects keep their values in ``properties``; reading lifts those up beside the id (read/json_records.py).
"""

from __future__ import annotations

from warehouse.ingest.sources.click_ids import CLICK_IDS
from warehouse.ingest.sources.model import Alias, Platform, Source, column
from warehouse.ingest.sources.words import LANDED

PLATFORM = Platform(name="hubspot", label="HubSpot", words=("hubspot",), lookback_days=60)


def _property(*names: str) -> tuple[str | Alias, ...]:
    """A property under its own name, as Fivetran and as Airbyte land it, and inside of Airbyte's JSON."""
    spelled = [f"{prefix}{name}" for name in names for prefix in ("", "property_", "properties_")]
    return (*spelled, *(Alias("properties", path=f"$.{name}") for name in names))


_ID = ("hs_object_id", "record id", "record id - contact", "contact id", "id", "vid")
_DEAL_ID = ("hs_object_id", "record id", "record id - deal", "deal id", "dealid", "id")
_STAGE = ("dealstage", "deal stage", "property_dealstage", "properties_dealstage", "deal_pipeline_stage_id")
_MARKS = (  # what a table of contacts has, and one of other people has not
    "lifecyclestage", "lifecycle stage", "property_lifecyclestage", "properties_lifecyclestage", "hs_lead_status",
    "lead status", "lastmodifieddate", "last modified date", "property_lastmodifieddate", "hs_analytics_source",
    "properties_lastmodifieddate", "original source", "original traffic source",
)  # fmt: skip
_SENT_ON = ("send date", "send date (your time zone)", "publish date", "sent on", "date sent")

SOURCES = (
    Source(
        name="hubspot.contacts",
        platform=PLATFORM,
        label="HubSpot contacts (export, API, Fivetran, Airbyte, dlt)",
        dataset="contact",
        machine_numbers=True,
        constants={"contact_kind": "contact"},
        columns={
            "account_id": column("portal_id", "portal-id"),
            "contact_id": column(*_ID),
            "email": column(*_property("email", "work_email")),
            "phone": column("phone number", "mobile phone number", *_property("phone", "mobilephone")),
            "click_id": column("google ad click id", "google click id", "facebook click id",
                               *_property("hs_google_click_id", "gclid", "hs_facebook_click_id", *CLICK_IDS[1:]),
                               combine="coalesce"),
            "created_at": column("create date", *_property("createdate"), "created_at", combine="coalesce"),
            "updated_at": column("last modified date", *_property("lastmodifieddate"), "updated_at",
                                 combine="coalesce"),
            "lead_at": column("became a lead date", "date entered 'lead (lifecycle stage pipeline)'",
                              *_property("hs_v2_date_entered_lead", "hs_lifecyclestage_lead_date"), combine="coalesce"),
            "stage": column("lifecycle stage", *_property("lifecyclestage"), combine="coalesce"),
            "source": column("original source", "original traffic source", *_property("hs_analytics_source"),
                             combine="coalesce"),
            "source_detail": column("original source drill-down 1", "original traffic source drill-down 1",
                                    *_property("hs_analytics_source_data_1"), combine="coalesce"),
            "merged_ids": column("merged contact ids", "merged record ids", "merged vids",
                                 *_property("hs_merged_object_ids", "hs_calculated_merged_vids"), combine="coalesce"),
            "is_deleted": column("archived", "is_deleted", "_fivetran_deleted", combine="coalesce"),
        },
        signature=("|".join(_ID), "email|property_email|properties_email|properties", "|".join(_MARKS)),
        excludes=("deal stage", "dealstage", "property_dealstage", "properties_dealstage", "total_price",
                  "financial status", "stagename", "isconverted", "accountid", "ownerid", "systemmodstamp"),
        required=("contact_id", "email|created_at"),
        ignored=("first name", "last name", "contact owner", "company", "company name", "city", "country", *LANDED),
    ),
    Source(
        name="hubspot.deals",
        platform=PLATFORM,
        label="HubSpot deals (export, API, Fivetran, Airbyte, dlt)",
        dataset="deal",
        machine_numbers=True,
        columns={
            "account_id": column("portal_id", "portal-id"),
            "deal_currency": column("currency", "deal currency", *_property("deal_currency_code"), combine="coalesce"),
            "deal_id": column(*_DEAL_ID),
            "contact_id": column("associated contact ids", "associated contact id", "contact id", "contact ids",
                                 Alias("associations", path="$.contacts.results[0].id"), "contacts",
                                 combine="coalesce"),
            "pipeline": column("pipeline", "deal pipeline", *_property("pipeline")[1:], "deal_pipeline_id",
                               combine="coalesce"),
            "stage": column(*_STAGE, Alias("properties", path="$.dealstage"), combine="coalesce"),
            "amount": column("amount", *_property("amount")[1:], combine="coalesce"),
            "home_amount": column("amount in company currency", *_property("amount_in_home_currency"),
                                  combine="coalesce"),
            "created_at": column("create date", *_property("createdate"), "created_at", combine="coalesce"),
            "updated_at": column("last modified date", *_property("hs_lastmodifieddate"), "updated_at",
                                 combine="coalesce"),
            "closes_at": column("close date", *_property("closedate"), combine="coalesce"),
            "is_won": column("is closed won", *_property("hs_is_closed_won"), combine="coalesce"),
            "is_closed": column("is deal closed?", "is closed", *_property("hs_is_closed"), combine="coalesce"),
            "probability": column("deal probability", *_property("hs_deal_stage_probability"), combine="coalesce"),
            "source": column("original source type", "original traffic source", *_property("hs_analytics_source"),
                             combine="coalesce"),
            "stages": column("stages"),
            "is_deleted": column("archived", "is_deleted", "is_deal_deleted", "_fivetran_deleted", combine="coalesce"),
        },
        gathered={"stages": r"^(?:propert(?:y|ies)_)?hs_(?:v2_)?date_entered_(.+)$|^Date entered ['\"]?(.+?)['\"]?$"},
        signature=("|".join(_DEAL_ID), "|".join(_STAGE)),
        excludes=("total_price", "stagename"),
        required=("deal_id", "stage"),
        ignored=("deal name", "deal owner", "deal type", "associated company", "associated contact",
                 "associated company ids", "forecast amount", "weighted amount", *LANDED),
    ),
    Source(
        name="hubspot.emails",
        platform=PLATFORM,
        label="HubSpot marketing e-mails",
        dataset="email_day",
        columns={
            "date": column(*_SENT_ON),
            "campaign_id": column("email id", "email campaign id"),
            "campaign_name": column("email name", "name", "internal email name"),
            "sent": column("sent", "recipients"),
            "delivered": column("delivered"),
            "opens": column("opened", "opens", "unique opens"),
            "clicks": column("clicked", "clicks", "unique clicks"),
            "unsubscribes": column("unsubscribed", "unsubscribes"),
        },
        signature=("email name|internal email name|email id", "|".join(_SENT_ON), "delivered", "opened|opens",
                   "clicked|clicks"),
        required=("date", "sent|delivered", "campaign_id|campaign_name"),
        ignored=("open rate", "click rate", "click through rate", "hard bounced", "soft bounced", "bounced", "not sent",
                 "contacts lost", "spam reports", "deliverability rate"),
    ),
)  # fmt: skip
