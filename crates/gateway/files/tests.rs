use std::io::Write;

use super::*;

/// Long enough for a loaded machine, and never waited for when a test passes.
const PATIENCE: Duration = Duration::from_secs(20);

async fn is_told(files: &mut Files) -> bool {
    tokio::time::timeout(PATIENCE, files.changed()).await.is_ok()
}

#[tokio::test]
async fn writing_and_renaming_are_changes() {
    let directory = tempfile::tempdir().unwrap();
    let (file, other) = (directory.path().join("gateway.toml"), directory.path().join("gateway.toml.new"));
    let mut files = Files::watch(vec![file.clone()]);
    fs::write(&file, "one").unwrap();
    assert!(is_told(&mut files).await, "it came");
    fs::OpenOptions::new().append(true).open(&file).unwrap().write_all(b", two").unwrap();
    assert!(is_told(&mut files).await, "it was written to");
    // The same length and, on a coarse clock, the same time.
    fs::write(&other, "six, one").unwrap();
    fs::rename(&other, &file).unwrap();
    assert!(is_told(&mut files).await, "another took its name");
    fs::remove_file(&file).unwrap();
    assert!(is_told(&mut files).await, "it went");
}

#[tokio::test]
async fn where_the_system_can_t_tell_files_are_looked_at() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("gateway.toml");
    let mut files = Files { watcher: None, ..Files::watch(vec![file.clone()]) };
    fs::write(&file, "one").unwrap();
    assert!(is_told(&mut files).await);
}

/// A ConfigMap's or a Secret's volume: the file is a symlink into `..data`, which is a symlink to the present version.
#[cfg(unix)]
#[tokio::test]
async fn a_swapped_symlink_is_a_change_each_time() {
    use std::os::unix::fs::symlink;

    let mount = tempfile::tempdir().unwrap();
    let at = |name: &str| mount.path().join(name);
    let publish = |version: &str| {
        fs::create_dir(at(version)).unwrap();
        fs::write(at(version).join("gateway.toml"), version).unwrap();
        symlink(version, at("..data_tmp")).unwrap();
        fs::rename(at("..data_tmp"), at("..data")).unwrap();
    };
    publish("..1");
    symlink("..data/gateway.toml", at("gateway.toml")).unwrap();
    let mut files = Files::watch(vec![at("gateway.toml")]);
    for version in ["..2", "..3", "..4"] {
        publish(version);
        assert!(is_told(&mut files).await, "{version}");
        assert_eq!(fs::read_to_string(at("gateway.toml")).unwrap(), version);
    }
}

#[tokio::test]
async fn other_files_of_the_directory_don_t_count() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("gateway.toml");
    fs::write(&file, "one").unwrap();
    let mut files = Files::watch(vec![file.clone()]);
    for number in 0..5 {
        fs::write(directory.path().join("access.log"), number.to_string()).unwrap();
    }
    let told = tokio::time::timeout(4 * QUIET, files.changed()).await;
    assert!(told.is_err(), "nothing was changed");
    fs::write(&file, "two!").unwrap();
    assert!(is_told(&mut files).await, "and a change is still told");
}
