use giftishow::{Answer, CouponOutcome, Standing};
use payout::{CouponStanding, Evidence, LineFault};

/// What is kept of an answer: its code, or what kept it from coming, and the HTTP status.
pub fn evidence(evidence: &giftishow::Evidence) -> Evidence {
    let fault = evidence.transport.map(|fault| fault.as_str().to_owned());
    Evidence {
        code: evidence.code.as_ref().map(|code| code.as_str().to_owned()).or(fault),
        http_status: evidence.http_status,
    }
}

/// What is kept of a look-up: the pin status if a coupon was found, for a person who may have to judge it.
pub fn seen(answer: &Answer<CouponOutcome>) -> Evidence {
    let seen = evidence(&answer.evidence);
    match &answer.outcome {
        CouponOutcome::Found(coupon) => Evidence { code: Some(format!("pin_status_{}", coupon.status)), ..seen },
        _ => seen,
    }
}

/// Why the line is refused.
pub fn fault(fault: giftishow::AccountFault) -> LineFault {
    match fault {
        giftishow::AccountFault::Credentials => LineFault::Credentials,
        giftishow::AccountFault::Configuration => LineFault::Configuration,
    }
}

/// How a looked-up coupon stands.
pub fn standing(outcome: &CouponOutcome) -> CouponStanding {
    match outcome {
        CouponOutcome::Found(coupon) => match coupon.status.standing() {
            Standing::Live => CouponStanding::Live,
            Standing::Used => CouponStanding::Used,
            Standing::Cancelled => CouponStanding::Cancelled,
            Standing::Ambiguous => CouponStanding::Ambiguous,
        },
        CouponOutcome::NotFound => CouponStanding::Absent,
        CouponOutcome::LineRefused(_) | CouponOutcome::Unanswered => CouponStanding::Unanswered,
    }
}
