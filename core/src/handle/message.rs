//! Messages of the outbox, and the channels they leave by.

use super::PAGE;
use crate::{
    Engine,
    engine::{actor, now},
    outbox::{MAIL, channels, keep_password, password, try_out},
    store::{Fallible, outbox, setting},
};
use roadworthy_api::{
    Code, Error, Result,
    call::Handle,
    calls::{DropMessage, GetMessage, ListChannels, ListMessages, RetryMessage, SetMailPassword, TryChannel},
    id::MessageId,
    role::Actor,
    system::Settings,
    vehicle::Page,
    work::{ChannelRow, MessageDetail, MessageRow},
};
use rusqlite::Connection;

fn row(conn: &Connection, id: MessageId) -> Fallible<MessageRow> {
    outbox::get(conn, id)?.ok_or_else(|| {
        Error::new(Code::NotFound, "There is no such message (any more).").hint("Look for it in the outbox.").into()
    })
}

impl Handle<ListMessages> for Engine {
    fn handle(&self, _: &Actor, call: ListMessages) -> Result<Page<MessageRow>> {
        self.store.read(|conn| outbox::list(conn, call.view, call.offset, call.limit.min(PAGE)))
    }
}

impl Handle<GetMessage> for Engine {
    fn handle(&self, _: &Actor, call: GetMessage) -> Result<MessageDetail> {
        self.store.read(|conn| {
            Ok(MessageDetail {
                row: row(conn, call.message)?,
                text: outbox::text(conn, call.message)?.map(|about| about.text).unwrap_or_default(),
                attempts: outbox::attempts(conn, call.message)?,
            })
        })
    }
}

impl Handle<RetryMessage> for Engine {
    fn handle(&self, _: &Actor, call: RetryMessage) -> Result<MessageRow> {
        self.store.write_local(|tx| {
            outbox::retry(tx, call.message, now())?;
            row(tx, call.message)
        })
    }
}

impl Handle<DropMessage> for Engine {
    fn handle(&self, who: &Actor, call: DropMessage) -> Result<MessageRow> {
        let now = now();
        self.store.write(&actor(who), now, |w| {
            outbox::drop_one(w, call.message, "", now)?;
            row(w.tx(), call.message)
        })
    }
}

impl Handle<ListChannels> for Engine {
    fn handle(&self, _: &Actor, _: ListChannels) -> Result<Vec<ChannelRow>> {
        let settings: Settings = self.store.read(|conn| setting::get(conn, setting::SETTINGS))?.unwrap_or_default();
        let mail = settings.notify.mail.as_ref();
        // A key store that does not answer is told as what is missing.
        let kept = mail.is_some_and(|mail| matches!(password(&self.store, mail), Ok(Some(_))));
        Ok(channels(&self.store)
            .iter()
            .map(|channel| ChannelRow {
                name: channel.name().to_owned(),
                on: channel.on(&settings),
                password: channel.name() == MAIL && kept,
                missing: if channel.on(&settings) { channel.missing(&settings) } else { None },
            })
            .collect())
    }
}

impl Handle<TryChannel> for Engine {
    fn handle(&self, _: &Actor, call: TryChannel) -> Result<()> {
        try_out(&self.store, &call.channel, now())
    }
}

impl Handle<SetMailPassword> for Engine {
    fn handle(&self, _: &Actor, call: SetMailPassword) -> Result<()> {
        keep_password(&self.store, &call.password)
    }
}
