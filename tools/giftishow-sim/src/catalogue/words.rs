//! Words for brands and products that do not exist.

/// A line of business.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Second half of a brand's name.
    pub(crate) shop: &'static str,
    /// `category1Seq`.
    pub(crate) category: u32,
    /// `category1Name`.
    pub(crate) category_name: &'static str,
    /// `goodsTypeNm`.
    pub(crate) goods_type: &'static str,
    pub(crate) products: &'static [&'static str],
    /// Cheapest and dearest.
    pub(crate) prices_won: (u64, u64),
    /// In percent.
    pub(crate) discount_max: u64,
}

const fn kind(
    shop: &'static str,
    category: u32,
    category_name: &'static str,
    products: &'static [&'static str],
    prices_won: (u64, u64),
) -> Kind {
    Kind {
        shop, category, category_name, goods_type: "일반상품(물품교환형)", products, prices_won, discount_max: 12
    }
}

pub(super) const KINDS: &[Kind] = &[
    kind("카페", 1, "커피/음료", &["아메리카노", "카페라떼", "자몽에이드", "유자차 & 쿠키"], (1_500, 12_000)),
    kind("편의점", 4, "편의점/마트", &["초코우유", "삼각김밥", "비타민음료 100ml 병", "컵라면(큰컵)"], (800, 9_900)),
    kind("치킨", 5, "피자/버거/치킨", &["후라이드치킨", "양념치킨+콜라 1.25L", "반반치킨"], (15_000, 32_000)),
    kind("피자", 5, "피자/버거/치킨", &["고구마피자", "치즈피자", "콤비네이션피자"], (18_000, 45_000)),
    kind("버거", 5, "피자/버거/치킨", &["불고기버거", "새우버거 세트", "감자튀김"], (2_000, 14_000)),
    kind("베이커리", 2, "베이커리/도넛/떡", &["소금빵", "생크림케이크", "도넛 \"6입\"", "꿀떡"], (1_800, 38_000)),
    kind("아이스크림", 3, "아이스크림/빙수", &["싱글콘", "패밀리컵", "팥빙수"], (2_500, 33_000)),
    kind("분식", 6, "외식/분식", &["떡볶이", "김밥 한줄", "순대모둠"], (3_000, 25_000)),
    kind("뷰티", 7, "뷰티/헤어/바디", &["핸드크림 50ml", "립밤", "샴푸 300ml"], (5_000, 60_000)),
    kind("서점", 8, "도서/문화", &["도서교환권", "엽서모음", "공책 <무지>"], (1_000, 50_000)),
    Kind {
        goods_type: "상품권(금액형)",
        discount_max: 2,
        ..kind("상품권", 10, "상품권/금액권", &["1만원권", "3만원권", "5만원권", "모바일금액권"], (5_000, 500_000))
    },
];

/// First half of a brand's name.
pub(super) const NAMES: &[&str] = &[
    "달빛숲",
    "구름결",
    "노을재",
    "바람골",
    "별내음",
    "솔마루",
    "은하담",
    "해든뜰",
    "물결온",
    "꽃다온",
    "새벽녘",
    "가람빛",
    "들찬",
];

pub(super) const SIZES: &[&str] = &["S", "M", "L", "1+1", "2인", "기본", "특별판", "🎁선물세트"];
