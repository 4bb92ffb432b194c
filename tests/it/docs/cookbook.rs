//! Each recipe of the cookbook is a file that the gateway takes.

use std::path::Path;

use gateway::config::Config;
use rcgen::generate_simple_self_signed;

use super::tree::Tree;

const PAGE: &str = "docs/cookbook.md";

/// The TOML of each recipe.
fn recipes(page: &str) -> Vec<&str> {
    let blocks = page.split("```toml\n").skip(1);
    blocks.map(|block| block.split_once("```").expect("a block ends").0).collect()
}

/// What the recipes name.
fn lay_out(kitchen: &Path) {
    let write = |name: &str, text: &[u8]| std::fs::write(kitchen.join(name), text).unwrap();
    std::fs::create_dir_all(kitchen.join("www/assets")).unwrap();
    write("www/index.html", b"<h1>app</h1>");
    write("maintenance.html", b"<h1>Soon.</h1>");
    write("sorry.html", b"<h1>Sorry.</h1>");
    write("htpasswd", include_bytes!("../../../examples/routes/htpasswd"));
    let pair = generate_simple_self_signed(["app.example.com".to_owned()]).unwrap();
    for name in ["ca.pem", "client.pem"] {
        write(name, pair.cert.pem().as_bytes());
    }
    write("client-key.pem", pair.signing_key.serialize_pem().as_bytes());
}

#[test]
fn each_recipe_is_accepted_without_a_warning() {
    let tree = Tree::of_the_repository();
    let kitchen = tempfile::tempdir().unwrap();
    lay_out(kitchen.path());
    let file = kitchen.path().join("gateway.toml");
    let secret = |_: &str| Some("0123456789abcdef0123456789abcdef".to_owned());
    let recipes = recipes(tree.text(PAGE).unwrap());
    assert!(recipes.len() >= 15, "{}", recipes.len());
    for recipe in recipes {
        let config = Config::parse(file.to_str().unwrap(), recipe, secret);
        let config = config.unwrap_or_else(|errors| panic!("{errors}\nin\n{recipe}"));
        assert!(config.warnings.is_empty(), "{:?}\nin\n{recipe}", config.warnings);
    }
}
