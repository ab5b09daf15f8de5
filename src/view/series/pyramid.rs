//! Levels of a series: its least, its greatest and its last number in buckets of equally many polls.
//!
//! A page that shows an hour in a thousand pixels needs no more than one bucket for each, and with least and greatest
//! no peak is lost.

/// The numbers of some polls. NaN if none of them has one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    pub min: f64,
    pub max: f64,
    pub last: f64,
}

/// The level with `step` polls in a bucket; the last bucket may have fewer.
pub fn level(values: &[f64], step: usize) -> Vec<Bucket> {
    values.chunks(step.max(1)).map(bucket).collect()
}

fn bucket(values: &[f64]) -> Bucket {
    let mut known = values.iter().copied().filter(|value| !value.is_nan());
    let Some(first) = known.next() else {
        return Bucket {
            min: f64::NAN,
            max: f64::NAN,
            last: f64::NAN,
        };
    };
    let begin = Bucket {
        min: first,
        max: first,
        last: first,
    };
    known.fold(begin, |bucket, value| Bucket {
        min: bucket.min.min(value),
        max: bucket.max.max(value),
        last: value,
    })
}
