//! What was in progress at the same time: spans from a start to an end, in seconds or in lines.

/// From where to where something was in progress.
pub type Span<T> = (T, T);

/// Whether two spans have something in common.
fn overlap<T: PartialOrd>(one: &Span<T>, other: &Span<T>) -> bool {
    one.0 < other.1 && other.0 < one.1
}

/// Whether any two of the spans overlap.
pub fn any_overlap<T: PartialOrd>(spans: &[Span<T>]) -> bool {
    pairs(spans).any(|(one, other)| overlap(one, other))
}

/// Whether every two of the spans overlap.
pub fn all_overlap<T: PartialOrd>(spans: &[Span<T>]) -> bool {
    pairs(spans).all(|(one, other)| overlap(one, other))
}

/// Two of these of which no spans overlap, if both have any.
pub fn apart<K, T: PartialOrd>(all: &[(K, Vec<Span<T>>)]) -> Option<(&K, &K)> {
    let with_spans: Vec<_> = all.iter().filter(|(_, spans)| !spans.is_empty()).collect();
    let (one, other) = pairs(&with_spans).find(|((_, one), (_, other))| {
        !one.iter().any(|one| other.iter().any(|other| overlap(one, other)))
    })?;
    Some((&one.0, &other.0))
}

/// Every two of these.
fn pairs<T>(spans: &[T]) -> impl Iterator<Item = (&T, &T)> {
    let following = |index: usize| &spans[index + 1..];
    spans
        .iter()
        .enumerate()
        .flat_map(move |(index, one)| following(index).iter().map(move |other| (one, other)))
}
