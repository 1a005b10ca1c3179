//! The brands, the pages of the goods, and the goods that stood on none.

use std::collections::BTreeSet;

use catalog::{Held, Kind, Missing, Next, Presence, has_shrunk};
use giftishow::{
    BrandListOutcome, Goods, GoodsCode, GoodsListOutcome, GoodsOutcome, GoodsState, Listing, PageRequest,
    UnreadableItem,
};
use platform::{Draft, FindDue, Host, KeepPicture, StoreError};

use crate::ask::Stop;
use crate::listings::ReadListings;
use crate::{Catalog, Running};

impl<L, C, R, P, B, H> Running<'_, L, C, R, P, B, H>
where
    L: ReadListings,
    C: Catalog,
    P: FindDue,
    B: KeepPicture,
    H: Host,
{
    /// All brands stand in one answer, so one that does not is gone.
    pub(crate) async fn brands(&mut self) -> Result<(), Stop> {
        let BrandListOutcome::List(listing) = self.ask("the brands", async |line| line.brands().await).await? else {
            return Err(Stop::Unanswered("the brands".into()));
        };
        self.note(&listing.unreadable);
        let listed: BTreeSet<String> =
            listing.items.iter().map(|brand| Kind::Brand.key(brand.brand_code.as_str())).collect();
        self.believe(Kind::Brand, listed.len())?;
        for brand in listing.items {
            self.brand(brand).await?;
        }
        for key in self.known_keys(Kind::Brand, |key| !listed.contains(key)) {
            if self.known[&key].latest.presence != Presence::Withdrawn {
                self.mark(&key, Presence::Withdrawn).await?;
            }
        }
        Ok(())
    }

    /// One page, and what comes after it. `listNum` means something else for every account: only a short page is the end, or
    /// an empty one that is followed by another empty one.
    pub(crate) async fn page(&mut self, number: u32) -> Result<Next, Stop> {
        let Some(listing) = self.listing(number).await? else {
            return Err(Stop::Unanswered(format!("page {number} of the goods")));
        };
        if listing.is_empty() {
            let after = self.listing(number.saturating_add(1)).await?;
            let is_end = after.is_none_or(|after| after.is_empty());
            return if is_end { Ok(Next::Missing) } else { Err(Stop::Held(Held::EmptyPage { page: number })) };
        }
        self.note(&listing.unreadable);
        let is_full = u32::try_from(listing.len()).is_ok_and(|length| length >= self.sync.manners.page_size);
        let keys: Vec<String> = listing.items.iter().map(|goods| Kind::Goods.key(goods.goods_code.as_str())).collect();
        for goods in listing.items {
            self.goods(goods).await?;
        }
        // Only a whole page counts as read: one that is interrupted is read again.
        for key in keys {
            self.place.tally.repeated += u32::from(!self.seen.add(&key));
        }
        Ok(if is_full { Next::Page(number.saturating_add(1)) } else { Next::Missing })
    }

    /// A page of the goods; `None` if the service says that there is no such page.
    async fn listing(&mut self, number: u32) -> Result<Option<Listing<Goods>>, Stop> {
        let page = PageRequest::new(number, self.sync.manners.page_size)
            .map_err(|error| StoreError::Malformed { table: "catalog", why: error.to_string() })?;
        let what = format!("page {number} of the goods");
        let answer = self.ask(&what, async |line| line.goods(page).await).await?;
        let GoodsListOutcome::Page(listing) = answer else { return Ok(None) };
        self.place.tally.pages += 1;
        Ok(Some(listing))
    }

    /// Goods that stood on no page. Some of them may only have moved to a page that was read already, so each is asked for:
    /// whom nobody can describe, or what is no longer on sale, is gone; of what is, the next run decides.
    pub(crate) async fn missing(&mut self) -> Result<(), Stop> {
        self.believe(Kind::Goods, self.seen.len())?;
        let missing = self.known_keys(Kind::Goods, |key| !self.seen.has(key));
        for key in missing {
            match self.known[&key].missing(self.committed) {
                Missing::Nothing => {}
                Missing::Withdraw => self.mark(&key, Presence::Withdrawn).await?,
                Missing::Ask => {
                    let presence = self.whereabouts(&key).await?;
                    self.mark(&key, presence).await?;
                }
            }
        }
        Ok(())
    }

    async fn whereabouts(&mut self, key: &str) -> Result<Presence, Stop> {
        let code = Kind::of_key(key).and_then(|(_, code)| GoodsCode::parse(code).ok());
        let Some(code) = code else { return Ok(Presence::Withdrawn) };
        let answer = self.ask(&format!("goods {code}"), async |line| line.goods_detail(&code).await).await?;
        Ok(match answer {
            GoodsOutcome::Found(goods) if goods.goods_state == GoodsState::Sale => Presence::Unlisted,
            _ => Presence::Withdrawn,
        })
    }

    /// Readers would lose too much if this list were a fault.
    fn believe(&self, kind: Kind, now: usize) -> Result<(), Stop> {
        let rows = self.known.iter().filter(|(key, _)| Kind::of_key(key).is_some_and(|(one, _)| one == kind));
        let visible = rows.filter_map(|(_, standing)| standing.visible(self.committed));
        let before = visible.filter(|glance| glance.presence != Presence::Withdrawn).count();
        if now == 0 {
            Err(Stop::Held(Held::Empty { kind }))
        } else if has_shrunk(before, now) && !self.place.may_shrink {
            Err(Stop::Held(Held::Shrunk { kind, before, now }))
        } else {
            Ok(())
        }
    }

    /// Keys of known rows, in order, so that a run that is repeated asks for the same.
    fn known_keys(&self, kind: Kind, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let own = |key: &&String| Kind::of_key(key).is_some_and(|(one, _)| one == kind) && wanted(key);
        let mut keys: Vec<String> = self.known.keys().filter(own).cloned().collect();
        keys.sort_unstable();
        keys
    }

    async fn mark(&mut self, key: &str, presence: Presence) -> Result<(), Stop> {
        let now = self.sync.host.now();
        self.stage(key, Draft::Presence(presence, now)).await
    }

    fn note(&mut self, unreadable: &[UnreadableItem]) {
        for item in unreadable {
            self.place.tally.unreadable += 1;
            tracing::warn!(index = item.index, fault = item.fault.as_str(), "An item of a list cannot be read.");
        }
    }
}
