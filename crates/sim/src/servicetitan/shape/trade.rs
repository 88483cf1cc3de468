//! What technicians, memberships, equipment and tags look like.

use serde_json::{Value, json};

use super::super::list::{Filter, Form, Listed};
use super::super::query::{Field, Query};
use super::super::refusal::Refusal;
use super::work::BUSINESS_UNIT;
use super::{USER, USUAL, holds};
use crate::world::Tenant;
use crate::world::row::{Equipment, Membership, MembershipStatus, MembershipType, TagType, Technician};

impl Listed for Technician {
    const SORTS: &'static [Field] = &[];
    const UNSUPPORTED: &'static [&'static str] = &["userIds"];

    fn shape(&self, _tenant: &Tenant, _form: Form) -> Value {
        json!({
            "id": self.head.id,
            "userId": self.head.id + 1000,
            "name": self.name,
            "roleIds": [],
            "businessUnitId": BUSINESS_UNIT,
            "mainZoneId": null,
            "zoneIds": [],
            "createdOn": self.head.created,
            "modifiedOn": self.head.modified,
            "email": null,
            "phoneNumber": self.phone,
            "loginName": null,
            "home": null,
            "dailyGoal": 0,
            "isManagedTech": true,
            "customFields": [],
            "active": self.head.active,
            "aadUserId": null,
            "burdenRate": 0,
            "team": null,
            "jobFilter": null,
            "permissions": null,
            "accountLocked": false,
            "commissionRate": 0,
            "firstName": null,
            "lastName": null,
            "hourlyRate": 0,
            "mobilePhone": self.phone,
            "soldByRate": 0,
            "status": "Idle",
            "bio": null,
            "memo": null,
        })
    }

    fn filter<'a>(_tenant: &'a Tenant, query: &'a Query) -> Result<Filter<'a, Self>, Refusal> {
        Ok(Box::new(|it| holds(&it.name, query.text("name"))))
    }
}

impl Listed for MembershipType {
    const SORTS: &'static [Field] = USUAL;
    const UNSUPPORTED: &'static [&'static str] = &["duration", "billingFrequency"];

    fn shape(&self, _tenant: &Tenant, _form: Form) -> Value {
        json!({
            "id": self.head.id,
            "createdOn": self.head.created,
            "createdById": USER,
            "modifiedOn": self.head.modified,
            "importId": null,
            "billingTemplateId": null,
            "discount": 0,
            "durationBilling": null,
            "discounts": null,
            "recurringServices": null,
            "tagTypeIds": null,
            "name": self.name,
            "displayName": self.name,
            "active": self.head.active,
            "discountMode": "Basic",
            "locationTarget": "SingleLocation",
            "revenueRecognitionMode": "PointOfSale",
            "autoCalculateInvoiceTemplates": false,
            "useMembershipPricingTable": false,
            "showMembershipSavings": false,
        })
    }

    fn filter<'a>(_tenant: &'a Tenant, _query: &'a Query) -> Result<Filter<'a, Self>, Refusal> {
        Ok(Box::new(|_| true))
    }
}

impl Listed for Membership {
    const SORTS: &'static [Field] = USUAL;
    const UNSUPPORTED: &'static [&'static str] = &["duration", "billingFrequency"];

    fn shape(&self, _tenant: &Tenant, _form: Form) -> Value {
        let is_canceled = self.status == MembershipStatus::Canceled;
        json!({
            "id": self.head.id,
            "createdOn": self.head.created,
            "createdById": USER,
            "modifiedOn": self.head.modified,
            "followUpOn": self.head.created,
            "cancellationDate": is_canceled.then_some(self.head.modified),
            "from": self.from,
            "nextScheduledBillDate": null,
            "to": self.to,
            "billingFrequency": "Annual",
            "renewalBillingFrequency": null,
            "status": self.status.word(),
            "followUpStatus": "NotAttempted",
            "active": self.head.active,
            "initialDeferredRevenue": 0,
            "duration": self.to.map(|_| 12),
            "renewalDuration": null,
            "businessUnitId": BUSINESS_UNIT,
            "customerId": self.customer,
            "membershipTypeId": self.kind,
            "locationId": self.location,
            "customerPo": null,
            "importId": null,
            "memo": null,
            "customFields": [],
        })
    }

    fn filter<'a>(_tenant: &'a Tenant, query: &'a Query) -> Result<Filter<'a, Self>, Refusal> {
        let customers = query.ids("customerIds")?;
        // `status` is known to be unreliable; here it works, because who filters again is right either way.
        Ok(Box::new(move |it| {
            customers.as_ref().is_none_or(|ids| ids.contains(&it.customer))
                && query.text("status").is_none_or(|wanted| wanted.eq_ignore_ascii_case(it.status.word()))
        }))
    }
}

impl Listed for Equipment {
    const SORTS: &'static [Field] = USUAL;

    fn shape(&self, _tenant: &Tenant, _form: Form) -> Value {
        json!({
            "id": self.head.id,
            "active": self.head.active,
            "equipmentId": null,
            "locationId": self.location,
            "customerId": self.customer,
            "invoiceItemId": null,
            "name": self.name,
            "type": null,
            "installedOn": self.installed,
            "createdOn": self.head.created,
            "modifiedOn": self.head.modified,
            "serialNumber": self.serial,
            "barcodeId": null,
            "memo": "",
            "manufacturer": self.manufacturer,
            "model": self.model,
            "cost": 0,
            "status": if self.is_replaced { "Replaced" } else { "Installed" },
            "manufacturerWarrantyStart": self.installed,
            "manufacturerWarrantyEnd": self.warranty_end,
            "serviceProviderWarrantyStart": null,
            "serviceProviderWarrantyEnd": null,
            "tags": [],
            "actualReplacementDate": null,
            "predictedReplacementMonths": null,
            "predictedReplacementDate": self.warranty_end.map(|it| it.date()),
        })
    }

    fn filter<'a>(_tenant: &'a Tenant, query: &'a Query) -> Result<Filter<'a, Self>, Refusal> {
        let locations = query.ids("locationIds")?;
        Ok(Box::new(move |it| locations.as_ref().is_none_or(|ids| ids.contains(&it.location))))
    }
}

impl Listed for TagType {
    const SORTS: &'static [Field] = USUAL;
    const HAS_IDS: bool = false;

    fn shape(&self, _tenant: &Tenant, _form: Form) -> Value {
        json!({
            "id": self.head.id,
            "name": self.name,
            "color": self.color,
            "code": self.code,
            "importance": null,
            "isConversionOpportunity": false,
            "allowToUseOnTimesheetActivity": false,
            "isVisibleOnDispatchBoard": true,
            "active": self.head.active,
            "createdOn": self.head.created,
            "modifiedOn": self.head.modified,
        })
    }

    fn filter<'a>(_tenant: &'a Tenant, _query: &'a Query) -> Result<Filter<'a, Self>, Refusal> {
        Ok(Box::new(|_| true))
    }
}
