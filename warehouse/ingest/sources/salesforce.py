"""Salesforce: leads, contacts, opportunities with their stages, campaign members, by the names of its API.

Reports say the same names with spaces, connectors with underscores. Moments are UTC.
"""

from __future__ import annotations

from warehouse.ingest.sources.click_ids import CLICK_IDS
from warehouse.ingest.sources.model import Platform, Refusal, Source, column
from warehouse.ingest.sources.words import LANDED

PLATFORM = Platform(name="salesforce", label="Salesforce", words=("salesforce", "sfdc"), lookback_days=60)

_CLICKS = tuple(f"{name}{ending}" for name in CLICK_IDS for ending in ("", "__c"))
_STAMPS = {
    "created_at": column("createddate", "create date"),
    "updated_at": column("systemmodstamp", "lastmodifieddate", combine="coalesce"),
    "is_deleted": column("isdeleted", "_fivetran_deleted", combine="coalesce"),
}
_PERSON = {
    "email": column("email"),
    "phone": column("phone", "mobilephone", combine="coalesce"),
    "click_id": column(*_CLICKS, combine="coalesce"),
    "source": column("leadsource"),
    "source_detail": column("leadsourcedetail", "leadsourcedetail__c"),
}
_NAMES = ("name", "firstname", "lastname", "salutation", "title", "company", "ownerid", "owner", "accountname",
          "description")  # fmt: skip

SOURCES = (
    Source(
        name="salesforce.leads",
        platform=PLATFORM,
        label="Salesforce Lead",
        dataset="contact",
        machine_numbers=True,
        constants={"contact_kind": "lead"},
        columns={"contact_id": column("lead id", "id"), **_PERSON, **_STAMPS, "stage": column("status", "leadstatus"),
                 "converted_to": column("convertedcontactid")},
        signature=("id|lead id", "status|leadstatus", "createddate|create date",
                   "isconverted|convertedcontactid|converteddate|company|leadsource"),
        excludes=("stagename", "stage", "accountid", "campaignid", "lifecyclestage", "dealstage", "total_price"),
        required=("contact_id", "created_at"),
        ignored=(*_NAMES, "isconverted", "converteddate", "convertedaccountid", "convertedopportunityid", "rating",
                 "industry", *LANDED),
    ),
    Source(
        name="salesforce.contacts",
        platform=PLATFORM,
        label="Salesforce Contact",
        dataset="contact",
        machine_numbers=True,
        constants={"contact_kind": "contact"},
        columns={"contact_id": column("contact id", "id"), **_PERSON, **_STAMPS},
        signature=("id|contact id", "accountid", "email", "createddate|create date"),
        excludes=("stagename", "stage", "status", "campaignid", "lifecyclestage", "dealstage", "total_price"),
        required=("contact_id", "created_at"),
        ignored=(*_NAMES, "accountid", "masterrecordid", *LANDED),
    ),
    Source(
        name="salesforce.opportunities",
        platform=PLATFORM,
        label="Salesforce Opportunity",
        dataset="deal",
        machine_numbers=True,
        columns={
            "deal_currency": column("currencyisocode", "amount currency"),
            "deal_id": column("opportunity id", "id"),
            "contact_id": column("contactid", "contactid__c", "primary contact id", "primarycontact__c"),
            "pipeline": column("recordtypeid", "type"),
            "stage": column("stagename", "stage"),
            "amount": column("amount"),
            "home_amount": column("amount (converted)", "convertedamount"),
            **_STAMPS,
            "closes_at": column("closedate"),
            "is_won": column("iswon", "won"),
            "is_closed": column("isclosed", "closed"),
            "source": column("leadsource"),
            "campaign_id": column("campaignid"),
        },
        signature=("id|opportunity id", "stagename|stage", "closedate", "createddate|create date"),
        excludes=("dealstage",),
        required=("deal_id", "stage", "closes_at"),
        ignored=(*_NAMES, "opportunityname", "accountid", "probability", "probability (%)", "expectedrevenue",
                 "forecastcategory", "forecastcategoryname", "fiscal", "fiscalyear", "fiscalquarter", "age",
                 "laststagechangedate", *LANDED),
    ),
    Source(
        name="salesforce.opportunity_history",
        platform=PLATFORM,
        label="Salesforce OpportunityHistory",
        dataset="deal_stage",
        machine_numbers=True,
        columns={"deal_id": column("opportunityid"), "stage": column("stagename", "to stage"),
                 "at": column("createddate")},
        signature=("opportunityid", "stagename|to stage", "createddate"),
        required=("deal_id", "stage", "at"),
        ignored=("id", "amount", "closedate", "probability", "forecastcategory", "expectedrevenue", "createdbyid",
                 "isdeleted", "systemmodstamp", "currencyisocode", *LANDED),
    ),
    Source(
        name="salesforce.opportunity_field_history",
        platform=PLATFORM,
        label="Salesforce OpportunityFieldHistory",
        dataset="deal_stage",
        machine_numbers=True,
        columns={"deal_id": column("opportunityid"), "changed": column("field"), "stage": column("newvalue"),
                 "at": column("createddate")},
        signature=("opportunityid", "field", "newvalue", "createddate"),
        required=("deal_id", "changed", "stage", "at"),
        ignored=("id", "oldvalue", "datatype", "createdbyid", "isdeleted", *LANDED),
    ),
    Source(
        name="salesforce.campaign_members",
        platform=PLATFORM,
        label="Salesforce CampaignMember",
        dataset="campaign_member",
        machine_numbers=True,
        columns={
            "member_id": column("campaign member id", "id"),
            "campaign_id": column("campaignid"),
            "contact_id": column("leadorcontactid", "contactid", "leadid", combine="coalesce"),
            "status": column("status", "member status"),
            "has_responded": column("hasresponded", "responded"),
            "responded_at": column("firstrespondeddate", "first responded date"),
            **_STAMPS,
        },
        signature=("id|campaign member id", "campaignid", "leadorcontactid|contactid|leadid"),
        excludes=("stagename", "stage", "isconverted"),
        required=("member_id", "campaign_id", "contact_id"),
        ignored=(*_NAMES, "email", "phone", "leadsource", "companyoraccount", "type", *LANDED),
    ),
    Source(
        name="salesforce.campaigns",
        platform=PLATFORM,
        label="Salesforce Campaign",
        signature=("id", "actualcost|budgetedcost", "startdate|createddate", "status|isactive"),
        excludes=("stagename", "impressions"),
        refusal=Refusal("A campaign of the CRM has a cost over its whole time, and costs are kept by day.",
                        "Load the costs from the ad platform; campaign members and opportunities name the campaign."),
    ),
)  # fmt: skip
