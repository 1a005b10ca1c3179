//! One item: compared, described, written.

use std::time::Duration;

use catalog::{Brand, ContentHash, Glance, Goods, Kind, Plan, Presence, Standing, Version, Wanted};
use giftishow::{BrandOutcome, GoodsOutcome};
use platform::{Draft, FindDue, Host, KeepPicture, Staging, Unfinished};

use crate::ask::Stop;
use crate::listings::ReadListings;
use crate::{Catalog, Running, convert};

/// Details that may stay unanswered in one invocation: more are no longer the items' fault.
const MOST_UNANSWERED: u32 = 10;

impl<L, C, R, P, B, H> Running<'_, L, C, R, P, B, H>
where
    L: ReadListings,
    C: Catalog,
    P: FindDue,
    B: KeepPicture,
    H: Host,
{
    /// Goods of a page.
    pub(crate) async fn goods(&mut self, listed: giftishow::Goods) -> Result<(), Stop> {
        let key = Kind::Goods.key(listed.goods_code.as_str());
        let hash = ContentHash::of(listed.raw.as_str());
        let wanted = Wanted { pictures: self.sync.gallery.is_some() };
        if self.without_describing(&key, hash, wanted).await? {
            return Ok(());
        }
        let code = listed.goods_code.clone();
        let asked = self.ask(&format!("goods {code}"), async |line| line.goods_detail(&code).await).await;
        let detail = match asked {
            Ok(GoodsOutcome::Found(detail)) => Some(*detail),
            other => self.undescribed(other.map(|_| ()))?,
        };
        let raw = listed.raw.as_str().to_owned();
        let raw_detail = detail.as_ref().map(|detail| detail.raw.as_str().to_owned());
        let item = convert::goods(listed);
        let mut item = match detail {
            Some(detail) => item.completed_by(convert::goods(detail)),
            None => item,
        };
        let mirrored = self.copy_pictures(&mut item).await?;
        let version = Version { mirrored, ..self.version(hash, item, raw, raw_detail) };
        self.write(&key, Draft::Goods(&version)).await
    }

    /// A brand of the list.
    pub(crate) async fn brand(&mut self, listed: giftishow::Brand) -> Result<(), Stop> {
        let key = Kind::Brand.key(listed.brand_code.as_str());
        let hash = ContentHash::of(listed.raw.as_str());
        if self.without_describing(&key, hash, Wanted::default()).await? {
            return Ok(());
        }
        let code = listed.brand_code.clone();
        let asked = self.ask(&format!("brand {code}"), async |line| line.brand_detail(&code).await).await;
        let detail = match asked {
            Ok(BrandOutcome::Found(detail)) => Some(*detail),
            other => self.undescribed(other.map(|_| ()))?,
        };
        let raw = listed.raw.as_str().to_owned();
        let raw_detail = detail.as_ref().map(|detail| detail.raw.as_str().to_owned());
        let item = convert::brand(listed);
        let item = match detail {
            Some(detail) => item.completed_by(convert::brand(detail)),
            None => item,
        };
        let version = self.version(hash, item, raw, raw_detail);
        self.write(&key, Draft::Brand(&version)).await
    }

    /// Does what can be done without a detail; false if one is needed.
    async fn without_describing(&mut self, key: &str, hash: ContentHash, wanted: Wanted) -> Result<bool, Stop> {
        let standing = self.known.get(key);
        match standing.map_or(Plan::Describe, |row| row.plan(hash, self.committed, wanted)) {
            Plan::Nothing => Ok(true),
            Plan::Describe => Ok(false),
            Plan::List => {
                let now = self.sync.host.now();
                self.stage(key, Draft::Presence(Presence::Listed, now)).await.map(|()| true)
            }
            Plan::Revert => self.stage(key, Draft::Revert).await.map(|()| true),
        }
    }

    /// An item without a detail is stored as the list has it, and asked for again in the next run.
    fn undescribed<T>(&mut self, asked: Result<(), Stop>) -> Result<Option<T>, Stop> {
        if let Err(stop) = asked {
            if !matches!(stop, Stop::Unanswered(_)) || self.unanswered >= MOST_UNANSWERED {
                return Err(stop);
            }
            self.unanswered += 1;
        }
        self.place.tally.undescribed += 1;
        Ok(None)
    }

    fn version<T>(&self, hash: ContentHash, item: T, raw: String, raw_detail: Option<String>) -> Version<T> {
        Version {
            hash,
            presence: Presence::Listed,
            changed_at: self.sync.host.now(),
            described: raw_detail.is_some(),
            mirrored: false,
            item,
            raw: Some(raw),
            raw_detail,
        }
    }

    /// Writes a version, unless it says no more than the one that is there.
    async fn write(&mut self, key: &str, draft: Draft<'_>) -> Result<(), Stop> {
        match self.known.get(key) {
            Some(row) if Some(row.latest) == glance(&draft) => Ok(()),
            _ => self.stage(key, draft).await,
        }
    }

    /// Writes one row under the next generation.
    pub(crate) async fn stage(&mut self, key: &str, draft: Draft<'_>) -> Result<(), Stop> {
        self.needs(Duration::ZERO)?;
        if !self.saved {
            // From here on a run that is killed is gone on with.
            self.save().await?;
        }
        let generation = self.committed + 1;
        let standing = self.known.get(key).copied();
        let from = standing.map(|row| row.generation);
        self.sync.catalog.stage(&Staging { key, from, generation, draft }).await?;
        let before = standing.and_then(|row| row.visible(self.committed).copied());
        let latest = match (glance(&draft), draft, standing) {
            (Some(latest), ..) => Some(latest),
            (None, Draft::Presence(presence, _), Some(row)) => Some(Glance { presence, ..row.latest }),
            (None, _, row) => row.and_then(|row| row.before),
        };
        if let Some(latest) = latest {
            self.known.insert(key.to_owned(), Standing { generation, latest, before });
        }
        Ok(())
    }

    /// Saves where the run goes on.
    pub(crate) async fn save(&mut self) -> Result<(), Stop> {
        self.sync.catalog.save(&Unfinished { place: self.place, seen: self.seen.clone() }).await?;
        self.saved = true;
        Ok(())
    }
}

/// What a whole version looks like; `None` for what only changes one.
fn glance(draft: &Draft<'_>) -> Option<Glance> {
    match draft {
        Draft::Goods(version) => Some(version.glance(Goods::sale)),
        Draft::Brand(version) => Some(version.glance(|_: &Brand| (None, None))),
        Draft::Presence(..) | Draft::Revert => None,
    }
}
