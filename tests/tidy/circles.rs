//! Modules of one room that need each other. In such a circle none of the modules can be read, or changed, without the
//! others.
//!
//! Siblings are compared at every depth: files and folders with the same parent. What a module's own children import
//! counts as imported by the module. Tests may import what they want.

use std::collections::{BTreeMap, BTreeSet};

use crate::house::named;
use crate::source::Source;

type Module = Vec<String>;

/// Which modules each module needs, with one place that shows it.
type Needs<'a> = BTreeMap<Module, BTreeMap<Module, &'a str>>;

/// Each circle once, as its shortest way around.
pub fn circles(product: &[Source]) -> Vec<String> {
    let needs = needs(product);
    let ways = needs.keys().filter_map(|module| around(&needs, module));
    let distinct: BTreeMap<BTreeSet<Module>, Vec<Module>> =
        ways.map(|way| (way.iter().cloned().collect(), way)).collect();
    distinct.values().map(|way| finding(&needs, way)).collect()
}

fn needs(product: &[Source]) -> Needs<'_> {
    let modules: BTreeSet<_> = product.iter().map(Source::module).collect();
    let mut needs = Needs::new();
    for (source, named) in named(product) {
        let own = source.module();
        let common = own.iter().zip(&named.segments).take_while(|(a, b)| a == b).count();
        let siblings = [&own, &named.segments].map(|path| path.get(..=common).map(<[String]>::to_vec));
        let [Some(one), Some(other)] = siblings else { continue };
        // Rooms are not compared here: the floors are a stricter rule for them.
        if named.ours && !named.test && common > 0 && modules.contains(&other) {
            needs.entry(one).or_default().entry(other).or_insert(&source.path);
        }
    }
    needs
}

/// The shortest way from a module back to itself.
fn around(needs: &Needs, start: &Module) -> Option<Vec<Module>> {
    let mut seen = BTreeSet::new();
    let mut ways = vec![vec![start.clone()]];
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in needs.get(way.last()?).into_iter().flat_map(BTreeMap::keys) {
                if next == start {
                    return Some(way);
                }
                if seen.insert(next.clone()) {
                    longer.push([&way[..], std::slice::from_ref(next)].concat());
                }
            }
        }
        ways = longer;
    }
    None
}

fn finding(needs: &Needs, way: &[Module]) -> String {
    let next = way.iter().cycle().skip(1);
    let steps = way.iter().zip(next).map(|(one, other)| {
        format!(
            "{} needs {} (in {})",
            one.join("::"),
            other.join("::"),
            needs[one][other]
        )
    });
    format!("a circle: {}", steps.collect::<Vec<_>>().join(", "))
}
