//! Keeps the code as `ARCHITECTURE.md` describes it: which room may import which, how long files and functions may be,
//! which words must not appear in the product.
//!
//! The checks read the source as text, so they need neither a compiler plug-in nor another tool. Their reader knows
//! comments, literals, modules and `use` trees as rustfmt writes them; it expands no macros. Each rule is also shown a
//! piece of code that breaks it (`tidy/broken.rs`), because a check that cannot fail protects nothing.

mod broken;
mod circles;
mod errands;
mod house;
mod layout;
mod paths;
mod rules;
mod source;

use source::{Source, repository};

fn clean(findings: Vec<String>) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// All Rust files. There must be at least as many as at the beginning of the project, so that a wrong folder is
/// noticed.
fn rust() -> Vec<Source> {
    let sources = source::rust_files(&repository());
    assert!(sources.len() > 5, "only {} Rust files found", sources.len());
    sources
}

/// The product: what stands in `src`.
fn product() -> Vec<Source> {
    rust()
        .into_iter()
        .filter(|source| source.path.starts_with("src/"))
        .collect()
}

#[test]
fn rooms_import_only_from_lower_floors() {
    clean(house::imports(&product()));
}

#[test]
fn every_room_has_a_floor() {
    clean(house::rooms_without_a_floor(&product()));
}

#[test]
fn connection_touches_no_files_threads_or_clocks() {
    clean(house::connection_is_pure(&product()));
}

#[test]
fn children_do_not_import_their_parents() {
    clean(house::children(&product()));
}

#[test]
fn the_architecture_document_has_the_same_floors() {
    let document = std::fs::read_to_string(repository().join("ARCHITECTURE.md"));
    // A checkout without documents has no table to compare with.
    if let Ok(document) = document {
        clean(house::architecture(&document, &product()));
    }
}

#[test]
fn files_are_short() {
    clean(rules::long_files(&rust()));
}

#[test]
fn functions_are_short() {
    clean(rules::long_functions(&rust()));
}

#[test]
fn files_say_what_they_are() {
    clean(rules::files_without_a_head(&rust()));
}

#[test]
fn the_product_has_no_shortcuts() {
    clean(rules::shortcuts(&product()));
}

#[test]
fn no_test_is_switched_off() {
    clean(rules::ignored_tests(&rust()));
}

#[test]
fn nothing_names_a_path_of_one_machine() {
    clean(rules::machine_paths(&source::text_files(&repository())));
}

#[test]
fn modules_lie_where_their_names_say() {
    clean(layout::odd_modules(&rust()));
}

#[test]
fn modules_of_a_room_do_not_need_each_other_in_a_circle() {
    clean(circles::circles(&product()));
}

#[test]
fn comments_are_wrapped() {
    clean(layout::wide_comments(&rust()));
}

#[test]
fn imports_stand_in_groups() {
    clean(layout::mixed_imports(&rust()));
}

#[test]
fn the_errands_name_what_is_there() {
    let document = std::fs::read_to_string(repository().join("ARCHITECTURE.md"));
    // A checkout without documents has nothing to hold against the tree.
    if let Ok(document) = document {
        clean(errands::findings(&document, &repository()));
    }
}
