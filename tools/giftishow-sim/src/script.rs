//! The queue of faults to come.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::faults::{Fault, UnknownFault};
use crate::params::Params;

/// A fault that waits for its request. As JSON:
/// `{"api":"0204","fault":"timeout-after-issue","times":1,"tr_id":null,"page":null,"delay_ms":null}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct ScriptedFault {
    /// Which operation it hits.
    pub api: Api,
    /// What goes wrong.
    pub fault: Fault,
    /// For how many requests; `None` for all to come.
    pub times: Option<u32>,
    /// Only for this `tr_id`; `None` for any.
    pub tr_id: Option<String>,
    /// Only for this page of 0101 (`start`); `None` for any.
    pub page: Option<u64>,
    /// How long the trouble lasts, see [`Fault`]; `None` for the default.
    pub delay: Option<Duration>,
}

impl ScriptedFault {
    /// Hits the next request once.
    pub fn once(api: Api, fault: Fault) -> Self {
        Self { api, fault, times: Some(1), tr_id: None, page: None, delay: None }
    }

    /// Hits every request.
    pub fn always(api: Api, fault: Fault) -> Self {
        Self { times: None, ..Self::once(api, fault) }
    }

    /// Hits the next `times` requests.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Hits only requests with this `tr_id`.
    #[must_use]
    pub fn for_tr_id(self, tr_id: impl Into<String>) -> Self {
        Self { tr_id: Some(tr_id.into()), ..self }
    }

    /// Hits only requests for this page of 0101.
    #[must_use]
    pub fn for_page(self, page: u64) -> Self {
        Self { page: Some(page), ..self }
    }

    /// Sets how long the trouble lasts.
    #[must_use]
    pub fn delayed(self, delay: Duration) -> Self {
        Self { delay: Some(delay), ..self }
    }
}

/// The JSON form.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    api: Api,
    fault: String,
    #[serde(default = "once")]
    times: Option<u32>,
    #[serde(default)]
    tr_id: Option<String>,
    #[serde(default)]
    page: Option<u64>,
    #[serde(default)]
    delay_ms: Option<u64>,
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the field's own type")]
const fn once() -> Option<u32> {
    Some(1)
}

impl TryFrom<Written> for ScriptedFault {
    type Error = UnknownFault;

    fn try_from(written: Written) -> Result<Self, UnknownFault> {
        Ok(Self {
            api: written.api,
            fault: Fault::named(&written.fault, written.api)?,
            times: written.times,
            tr_id: written.tr_id,
            page: written.page,
            delay: written.delay_ms.map(Duration::from_millis),
        })
    }
}

impl From<ScriptedFault> for Written {
    fn from(scripted: ScriptedFault) -> Self {
        Self {
            api: scripted.api,
            fault: scripted.fault.name_for(scripted.api),
            times: scripted.times,
            tr_id: scripted.tr_id,
            page: scripted.page,
            delay_ms: scripted.delay.map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX)),
        }
    }
}

/// First scripted, first to hit.
#[derive(Debug, Default)]
pub(crate) struct Script(Vec<ScriptedFault>);

impl Script {
    pub(crate) fn push(&mut self, fault: ScriptedFault) {
        if fault.times != Some(0) {
            self.0.push(fault);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault for this request, used up once.
    pub(crate) fn take(&mut self, api: Api, params: &Params) -> Option<ScriptedFault> {
        let at = self.0.iter().position(|scripted| {
            scripted.api == api
                && scripted.tr_id.as_deref().is_none_or(|wanted| Some(wanted) == params.get("tr_id"))
                && scripted.page.is_none_or(|wanted| api == Api::Goods && Some(wanted) == params.page())
        })?;
        let hit = self.0[at].clone();
        match &mut self.0[at].times {
            None => {}
            Some(1) => {
                self.0.remove(at);
            }
            Some(left) => *left -= 1,
        }
        Some(hit)
    }
}
