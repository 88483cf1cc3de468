//! A reader who has seen enough is no error.

use std::process::Stdio;

use super::house::House;

#[tokio::test]
async fn a_closed_pipe_is_no_error() {
    let house = House::sqlite().await;
    let mut child =
        house.command(&["completions", "bash"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert!(ended.stderr.is_empty(), "{ended:?}");
}

#[tokio::test]
async fn remarks_go_to_standard_error_and_data_to_standard_output() {
    let house = House::sqlite().await.with_tenant().await;
    let ran = house.run(&["customer", "list"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert!(ran.err.contains("there is no customer yet"), "{}", ran.err);
    let ran = house.run(&["tenant", "create", "Ace", "--time-zone", "UTC"]);
    assert_eq!(ran.out, "Ace is tenant 2\n");
    let shells = ["bash", "zsh", "fish"].map(|shell| house.run(&["completions", shell]).ok());
    assert!(shells.iter().all(|script| script.contains("find-or-create")));
}
