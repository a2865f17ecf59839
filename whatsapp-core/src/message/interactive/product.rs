//! Things for sale, by their place in a catalog.
use serde::{Deserialize, Serialize};

use crate::message::invalid::{Check, at_most, entries, rule, text};

/// One thing for sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Product {
    /// The catalog's id.
    pub catalog_id: String,
    /// The product's id in it: its SKU or retailer id.
    pub product_id: String,
}

impl Product {
    /// A product of a catalog.
    #[must_use]
    pub fn new(catalog_id: impl Into<String>, product_id: impl Into<String>) -> Self {
        Self { catalog_id: catalog_id.into(), product_id: product_id.into() }
    }

    pub(crate) fn check(&self, field: &str) -> Check {
        text(format_args!("{field}.catalog_id"), &self.catalog_id, 256)?;
        text(format_args!("{field}.product_id"), &self.product_id, 256)
    }
}

/// Several things for sale, in sections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Products {
    /// The catalog's id.
    pub catalog_id: String,
    /// 1 to 10 sections, 30 products in all.
    pub sections: Vec<ProductSection>,
}

impl Products {
    /// Most products in all.
    pub const MAX: usize = 30;

    /// Products of a catalog, in sections.
    #[must_use]
    pub fn new(catalog_id: impl Into<String>, sections: impl IntoIterator<Item = ProductSection>) -> Self {
        Self { catalog_id: catalog_id.into(), sections: sections.into_iter().collect() }
    }

    pub(super) fn check(&self, field: &str) -> Check {
        text(format_args!("{field}.catalog_id"), &self.catalog_id, 256)?;
        check_sections(field, &self.sections)
    }
}

/// Checks sections of products, wherever they stand.
pub(crate) fn check_sections(field: &str, sections: &[ProductSection]) -> Check {
    entries(format_args!("{field}.sections"), sections.len(), 1, 10)?;
    let all = sections.iter().map(|section| section.products.len()).sum();
    entries(format_args!("{field}.products"), all, 1, Products::MAX)?;
    for (at, section) in sections.iter().enumerate() {
        at_most(format_args!("{field}.sections[{at}].title"), &section.title, 24)?;
        rule(
            sections.len() == 1 || !section.title.trim().is_empty(),
            format_args!("{field}.sections[{at}].title"),
            "is needed beside other sections",
        )?;
        for (product, id) in section.products.iter().enumerate() {
            text(format_args!("{field}.sections[{at}].products[{product}]"), id, 256)?;
        }
    }
    Ok(())
}

/// Products under a title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProductSection {
    /// Up to 24 characters; may be empty in the only section.
    pub title: String,
    /// Their ids in the catalog.
    pub products: Vec<String>,
}

impl ProductSection {
    /// Products under a title.
    #[must_use]
    pub fn new<P: Into<String>>(title: impl Into<String>, products: impl IntoIterator<Item = P>) -> Self {
        Self { title: title.into(), products: products.into_iter().map(Into::into).collect() }
    }
}
