//! From the detail of a change to the event that the core knows.
use chrono::{DateTime, Utc};
use whatsapp_core::{AccountUpdate, Event, LineId, TemplateChange, TemplateUpdate};

use super::{Item, Scope};
use crate::{
    account_change::{AccountChange, TemplateCategory, TemplateStatus},
    wire::Json,
};

/// An item of `automatic_events` or `tracking_events`.
pub(super) fn item<'a>(scope: &Scope<'_, 'a>, item: Json<'a>) -> Option<Item<'a>> {
    let change = AccountChange::read(scope.field, item.raw())?;
    Some(Item { event: event(&change)?, at: time(&change), raw: Some(item.raw()) })
}

/// A change that holds one event.
pub(super) fn whole<'a>(field: &str, value: Json<'a>) -> Option<Item<'a>> {
    let change = AccountChange::read(field, value.raw())?;
    Some(Item { event: event(&change)?, at: time(&change), raw: None })
}

/// The line of a change whose value has no `metadata`, or stands in the entry of a partner.
pub(super) fn line(change: AccountChange) -> Option<LineId> {
    match change {
        AccountChange::Handover(handover) => handover.recipient?.phone_number_id.map(|id| (&*id).into()),
        AccountChange::AccountSettings(settings) => {
            settings.phone_number_settings?.phone_number_id.map(|id| (&*id).into())
        }
        AccountChange::AccountUpdate(update) => {
            update.waba_info?.waba_id.map(|id| format!("waba:{id}").as_str().into())
        }
        _ => None,
    }
}

fn event(change: &AccountChange) -> Option<Event> {
    template(change).map(Event::Template).or_else(|| account(change).map(Event::Account))
}

fn template(change: &AccountChange) -> Option<TemplateUpdate> {
    use AccountChange as C;
    let (change, id, name, language) = match change {
        C::TemplateStatus(it) => (status(it)?, &it.id, &it.name, &it.language),
        C::TemplateQuality(it) => {
            let (from, to) = (it.previous_quality_score.clone(), it.new_quality_score.clone()?);
            (TemplateChange::Quality { from, to }, &it.id, &it.name, &it.language)
        }
        C::TemplateComponents(it) => {
            let (body, header, footer) = (it.body.clone(), it.header.clone(), it.footer.clone());
            (TemplateChange::Components { body, header, footer }, &it.id, &it.name, &it.language)
        }
        C::TemplateCategory(it) => (category(it)?, &it.id, &it.name, &it.language),
        C::TemplateCorrectCategory(it) => {
            let (from, to) = (it.category.clone(), Some(it.correct_category.clone()?));
            (TemplateChange::Category { from, to, upcoming: true }, &it.id, &it.name, &it.language)
        }
        _ => return None,
    };
    let mut update = TemplateUpdate::new(change);
    update.id.clone_from(id);
    update.name.clone_from(name);
    update.language.clone_from(language);
    Some(update)
}

fn account(change: &AccountChange) -> Option<AccountUpdate> {
    use AccountChange as C;
    let event = match change {
        C::TemplateStatus(_)
        | C::TemplateQuality(_)
        | C::TemplateComponents(_)
        | C::TemplateCategory(_)
        | C::TemplateCorrectCategory(_) => return None,
        C::BusinessCapability(_) => None,
        C::AccountAlert(it) => it.kind.as_ref(),
        C::AccountReview(it) => it.decision.as_ref(),
        C::AccountSettings(it) => it.kind.as_ref(),
        C::AccountUpdate(it) => it.event.as_ref(),
        C::AutomaticEvent(it) => it.event_name.as_ref(),
        C::BusinessStatus(it) => it.event.as_ref().or(it.status.as_ref()),
        C::BusinessUsername(it) => it.status.as_ref(),
        C::FlowUpdate(it) => it.event.as_ref(),
        C::Handover(it) => it.kind.as_ref(),
        C::PartnerSolution(it) => it.event.as_ref(),
        C::PaymentConfiguration(it) => it.status.as_ref(),
        C::PhoneNumberName(it) => it.decision.as_ref(),
        C::PhoneNumberQuality(it) => it.event.as_ref(),
        C::Security(it) => it.event.as_ref(),
        C::TrackingEvent(it) => it.event_name.as_ref(),
    };
    Some(AccountUpdate::new(change.field(), event.cloned()))
}

fn status(change: &TemplateStatus) -> Option<TemplateChange> {
    let more = change.other_info.as_ref();
    // A pause has no reason; the title beside it says which pause it is.
    let reason = change.reason.clone().filter(|reason| reason != "NONE");
    let rejection = change.rejection_info.as_ref().map(|info| {
        let sentences = [info.reason.as_deref(), info.recommendation.as_deref()];
        sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
    });
    Some(TemplateChange::Status {
        status: change.event.clone()?,
        reason: reason.or_else(|| more?.title.clone()),
        note: rejection.or_else(|| more?.description.clone()),
    })
}

/// While a change is announced, `new_category` is still what the template counts as.
fn category(change: &TemplateCategory) -> Option<TemplateChange> {
    let upcoming = change.correct_category.is_some();
    let (from, to) = if upcoming {
        (&change.new_category, &change.correct_category)
    } else {
        (&change.previous_category, &change.new_category)
    };
    to.as_ref()?;
    Some(TemplateChange::Category { from: from.clone(), to: to.clone(), upcoming })
}

/// The time that the change itself gives.
fn time(change: &AccountChange) -> Option<DateTime<Utc>> {
    match change {
        AccountChange::AccountSettings(it) => it.timestamp,
        AccountChange::AutomaticEvent(it) => it.timestamp,
        AccountChange::Handover(it) => it.timestamp,
        AccountChange::TrackingEvent(it) => it.timestamp,
        _ => None,
    }
}
