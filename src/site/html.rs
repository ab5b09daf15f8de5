//! HTML as text. What is not written by us goes through `text`, in content and in quoted attributes alike.
use crate::view::escaped;

/// A document that is being written.
#[derive(Debug, Default)]
pub struct Html(String);

impl Html {
    /// Begins a page of ours.
    pub fn page(title: &str) -> Html {
        let mut html = Html::default();
        html.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
        html.raw("<meta name=\"viewport\" content=\"width=device-width\"><title>");
        html.text(title)
            .raw(" – rtcstats</title><link rel=\"stylesheet\" href=\"/style.css\"></head><body>");
        html
    }

    #[must_use]
    pub fn end(mut self) -> Html {
        self.raw("</body></html>\n");
        self
    }

    /// Markup.
    pub fn raw(&mut self, markup: &str) -> &mut Html {
        self.0.push_str(markup);
        self
    }

    /// Text, which may be anything.
    pub fn text(&mut self, text: &str) -> &mut Html {
        self.0.push_str(&escaped(text));
        self
    }

    pub fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text_wherever_it_stands() {
        let mut html = Html::default();
        html.raw("<a title=\"").text("\"'><script>&é").raw("\">");
        let expected = "<a title=\"&quot;&#39;&gt;&lt;script&gt;&amp;é\">";
        assert_eq!(html.into_text(), expected);
    }
}
