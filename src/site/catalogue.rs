//! The page of stored calls: a form that filters them, a table with the newest first, what was found in each.
//!
//! It is made anew for each request and has no script. Limits: `CALLS_PER_PAGE` rows. What cannot be read of a row is
//! left out, and a filter that cannot be read is told beside the form, with no rows.
use serde_json::Value;

use super::call::path;
use super::html::Html;
use super::query::Query;
use crate::database::{Filter, FindingFilter, Found, RowKey, SEVERITIES, instant};
use crate::findings::{RuleName, rules};
use crate::labels::Labels;
use crate::time::UnixMs;

/// Rows of a page.
pub const CALLS_PER_PAGE: usize = 100;

/// The fields of the form: name, label, what to write there.
const FIELDS: [(&str, &str, &str); 6] = [
    ("user", "User", ""),
    ("conference", "Conference", ""),
    ("session", "Session", ""),
    ("id", "Dump", "id"),
    ("since", "Since", "7d or 2026-01-31"),
    ("until", "Until", "2h or 2026-01-31T12:00:00Z"),
];

/// What the form asks for.
///
/// # Errors
/// A field that cannot be read: its label, and what to write.
pub fn filter(query: &Query, now: UnixMs) -> Result<Filter, String> {
    let text = |name| query.get(name).map(str::to_owned);
    let time = |name: &str, label: &str| match query.get(name) {
        Some(text) => instant(text, now).map(Some).map_err(|why| format!("{label}: {why}")),
        None => Ok(None),
    };
    Ok(Filter {
        id: query.get("id").map(RowKey::from),
        labels: Labels {
            user: text("user"),
            conference: text("conference"),
            session: text("session"),
        },
        since: time("since", "Since")?,
        until: time("until", "Until")?,
        findings: findings_of(query)?,
        limit: CALLS_PER_PAGE,
    })
}

fn findings_of(query: &Query) -> Result<FindingFilter, String> {
    let rule = query.get("finding").map(str::parse::<RuleName>).transpose();
    let rule = rule.map_err(|error| format!("Finding: {error}"))?;
    let severities = match query.get("severity") {
        None => Vec::new(),
        Some(word) => match SEVERITIES.iter().position(|severity| *severity == word) {
            // A severity means the worse ones too.
            Some(at) => SEVERITIES[..=at].to_vec(),
            None => return Err("Severity: choose critical, warning or info".to_owned()),
        },
    };
    Ok(FindingFilter {
        rules: rule.map(|rule| rule.0.id.to_owned()).into_iter().collect(),
        severities,
    })
}

/// Whether the database may hold back rows from this user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    Whole,
    Limited,
}

/// The page for what was found, or why nothing could be looked for.
pub fn page(query: &Query, found: Result<(&[Found], Sight), &str>) -> Html {
    let mut page = Html::page("Calls");
    page.raw("<main><h1>Calls</h1>");
    form(&mut page, query);
    match found {
        Err(why) => {
            page.raw("<p class=\"error\" role=\"alert\">").text(why).raw("</p>");
        }
        Ok((rows, sight)) => {
            if sight == Sight::Limited {
                page.raw("<p>Row security may hide rows from this user, so that there may be more.</p>");
            }
            if rows.is_empty() {
                page.raw("<p>No stored call matches.</p>");
            } else {
                table(&mut page, query, rows);
                older(&mut page, query, rows);
            }
        }
    }
    page.raw("</main>");
    page.end()
}

fn form(page: &mut Html, query: &Query) {
    page.raw("<form method=\"get\" action=\"/\" role=\"search\">");
    hidden(page, "with", query.get("with"));
    for (name, label, hint) in FIELDS {
        page.raw("<label>").text(label).raw(" <input name=\"").text(name);
        page.raw("\" value=\"").text(query.get(name).unwrap_or_default());
        page.raw("\" placeholder=\"").text(hint).raw("\"></label>");
    }
    page.raw("<label>Finding <input name=\"finding\" list=\"rules\" placeholder=\"ice.failed\" value=\"");
    page.text(query.get("finding").unwrap_or_default())
        .raw("\"></label><datalist id=\"rules\">");
    for rule in rules() {
        page.raw("<option value=\"")
            .raw(rule.id)
            .raw("\">")
            .text(rule.fires)
            .raw("</option>");
    }
    page.raw("</datalist><label>Severity <select name=\"severity\"><option value=\"\">any</option>");
    for severity in SEVERITIES {
        let is_chosen = query.get("severity") == Some(severity);
        page.raw("<option value=\"").raw(severity);
        page.raw(if is_chosen { "\" selected>" } else { "\">" });
        page.raw(severity).raw(if severity == SEVERITIES[0] {
            "</option>"
        } else {
            " or worse</option>"
        });
    }
    page.raw("</select></label><button>Search</button> <a href=\"/\">All</a></form>");
}

fn hidden(page: &mut Html, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        page.raw("<input type=\"hidden\" name=\"").raw(name).raw("\" value=\"");
        page.text(value).raw("\">");
    }
}

/// The rows, of which two can be chosen and compared. One of them may have been chosen before: `with`.
fn table(page: &mut Html, query: &Query, rows: &[Found]) {
    page.raw("<form class=\"calls\" method=\"get\" action=\"/compare\"><p>");
    let with = query.get("with");
    hidden(page, "id", with);
    match with {
        Some(id) => page.raw("Choose the call to compare with ").text(id).raw(". "),
        None => page.raw("Choose two calls to compare them. "),
    };
    page.raw("<button>Compare</button></p><div class=\"scroll\"><table><thead><tr>");
    for heading in [
        "Choose",
        "Start (UTC)",
        "Length",
        "User",
        "Conference",
        "Session",
        "Findings",
        "Dump",
    ] {
        page.raw("<th scope=\"col\">").text(heading).raw("</th>");
    }
    page.raw("</tr></thead><tbody>");
    rows.iter().for_each(|row| line(page, row, with));
    page.raw("</tbody></table></div></form>");
}

fn line(page: &mut Html, row: &Found, with: Option<&str>) {
    let id = row.id.to_string();
    let (path, start) = (path(&row.id), moment(row.session_start));
    page.raw("<tr><td>");
    if row.blob_url.is_some() && with != Some(&id) {
        page.raw("<input type=\"checkbox\" name=\"id\" value=\"").text(&id);
        page.raw("\" aria-label=\"Choose the call of ").text(&start).raw("\">");
    }
    page.raw("</td><td>");
    match row.blob_url {
        Some(_) => page.raw("<a href=\"").raw(&path).raw("\">").text(&start).raw("</a>"),
        None => page.text(&start),
    };
    page.raw("</td><td>").text(&length(row)).raw("</td>");
    for label in [&row.labels.user, &row.labels.conference, &row.labels.session] {
        page.raw("<td>").text(label.as_deref().unwrap_or("–")).raw("</td>");
    }
    page.raw("<td>");
    findings(page, row);
    page.raw("</td><td>");
    match row.blob_url {
        Some(_) => page.raw("<a href=\"").raw(&path).raw("/dump\">download</a>"),
        None => page.raw("removed"),
    };
    page.raw("</td></tr>");
}

/// "2026-01-31 12:00:00": the heading says that it is UTC.
fn moment(time: UnixMs) -> String {
    let text = time.to_string();
    text.split('.').next().unwrap_or_default().replace('T', " ")
}

fn length(row: &Found) -> String {
    let seconds = row.session_end.since(row.session_start).as_secs();
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// The ids of what was found, the worst first. Nothing is said of a row whose dump was never examined.
fn findings(page: &mut Html, row: &Found) {
    let metadata: Value = serde_json::from_str(&row.metadata).unwrap_or_default();
    let Some(found) = metadata["findings"].as_object() else {
        page.raw("–");
        return;
    };
    let shown = ["critical", "warning"].map(|severity| {
        let of = found.iter().filter(|(_, own)| own.as_str() == Some(severity));
        (severity, of.map(|(id, _)| id).collect::<Vec<_>>())
    });
    for (severity, ids) in &shown {
        for id in ids {
            page.raw("<span class=\"").raw(severity).raw("\">").text(severity);
            page.raw(": ").text(id).raw("</span> ");
        }
    }
    if shown.iter().all(|(_, ids)| ids.is_empty()) {
        page.raw("nothing wrong");
    }
}

/// The way to what is older. The next page begins with the calls that began in the same millisecond as the last one
/// here, so that none is left out.
fn older(page: &mut Html, query: &Query, rows: &[Found]) {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return;
    };
    if rows.len() < CALLS_PER_PAGE {
        return;
    }
    if first.session_start == last.session_start {
        page.raw("<p>There may be more calls that began at this very time; search by user or session.</p>");
        return;
    }
    let next = UnixMs(last.session_start.0.saturating_add(1)).to_string();
    page.raw("<p><a href=\"/?")
        .text(&query.with("until", &next))
        .raw("\">Older calls</a></p>");
}

#[cfg(test)]
mod tests;
