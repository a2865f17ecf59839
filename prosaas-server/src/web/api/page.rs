use axum::response::Html;

/// Stands in for the interface: says what runs here and what to try.
pub(super) async fn show() -> Html<&'static str> {
    Html(include_str!("page.html"))
}
