//! The planted bugs: what each breaks, and the tests that must notice.
//!
//! A bug is a realistic slip, one condition or one line, under `if planted!("name")` where somebody could make it.

use super::program::{CORE, ENGINE, Program, SERVER, STORE, UPSTREAM};

/// One bug.
pub struct Bug {
    /// As `planted!` names it.
    pub name: &'static str,
    /// The promise that it breaks (ARCHITECTURE.md, "Numbers in comments").
    pub promise: &'static str,
    /// The test program that holds the tests.
    pub program: Program,
    /// Full names of tests; each of them must fail while the bug is active.
    pub found_by: &'static [&'static str],
}

const fn bug(name: &'static str, promise: &'static str, program: Program, found_by: &'static [&'static str]) -> Bug {
    Bug { name, promise, program, found_by }
}

/// All of them, by promise.
pub const BUGS: &[Bug] = &[
    bug(
        "a-part-touches-nothing",
        "I-01",
        ENGINE,
        &[
            "sync::story::a_phone_that_alone_was_changed_reaches_the_customer::sqlite",
            "sync::history::whatever_happens_in_the_end_the_hub_holds_what_the_source_says::sqlite",
        ],
    ),
    bug(
        "the-cursor-goes-first",
        "I-02",
        ENGINE,
        &[
            "sync::trouble::a_run_that_is_stopped_keeps_whole_pages_and_is_over::sqlite",
            "sync::history::whatever_happens_in_the_end_the_hub_holds_what_the_source_says::sqlite",
        ],
    ),
    bug(
        "our-clock-is-the-cursor",
        "I-01",
        UPSTREAM,
        &["servicetitan::list::what_changed_since_is_told_whatever_our_clock_says"],
    ),
    bug(
        "ties-are-skipped",
        "I-02",
        ENGINE,
        &["sync::history::whatever_happens_in_the_end_the_hub_holds_what_the_source_says::sqlite"],
    ),
    bug(
        "a-source-is-asked-within-a-transaction",
        "I-02",
        ENGINE,
        &["sync::trouble::others_write_while_a_source_is_slow::sqlite"],
    ),
    bug(
        "older-beats-newer",
        "I-04",
        ENGINE,
        &[
            "sync::refresh::an_answer_that_was_overtaken_by_a_run_changes_nothing::sqlite",
            "sync::refresh::a_page_that_was_overtaken_by_a_reading_changes_nothing::sqlite",
        ],
    ),
    bug(
        "a-refresh-moves-the-cursor",
        "I-02",
        ENGINE,
        &["sync::refresh::what_no_feed_has_told_yet_is_here_and_the_next_run_reads_what_it_would_have_read::sqlite"],
    ),
    bug(
        "absence-is-deletion",
        "I-05",
        ENGINE,
        &[
            "sync::sweep::absence_is_not_deletion::sqlite",
            "sync::history::whatever_happens_in_the_end_the_hub_holds_what_the_source_says::sqlite",
        ],
    ),
    bug(
        "a-mass-goes-without-asking",
        "I-05",
        ENGINE,
        &["sync::sweep::many_that_are_missing_wait_for_a_persons_word::sqlite"],
    ),
    bug(
        "a-failed-run-moves-the-next",
        "I-06",
        ENGINE,
        &["sync::trouble::a_source_that_is_down_is_tried_less_and_less_and_when_it_is_due_stays::sqlite"],
    ),
    bug(
        "totals-are-incremented",
        "I-03",
        STORE,
        &["message::counts_follow_the_rows::sqlite", "message::counts_follow_the_rows::postgres"],
    ),
    bug("a-lease-never-ends", "I-06", STORE, &["task::a_lost_lease_keeps_nothing::sqlite"]),
    bug(
        "the-digest-knows-no-callers",
        "I-08",
        ENGINE,
        &["import::a_caller_who_is_known_by_now_makes_it_another_plan::sqlite"],
    ),
    bug(
        "the-digest-knows-counts-only",
        "I-08",
        ENGINE,
        &["import::a_plan_of_equal_counts_for_other_rows_is_another_plan::sqlite"],
    ),
    bug(
        "equal-texts-are-one",
        "I-08",
        ENGINE,
        &["import::a_dry_run_writes_nothing_and_predicts_what_applying_does::sqlite"],
    ),
    bug(
        "texts-of-one-minute-are-one",
        "I-08",
        ENGINE,
        &["import::equal_texts_seconds_apart_in_two_archives_both_survive::sqlite"],
    ),
    bug(
        "the-program-knows-better",
        "I-11",
        ENGINE,
        &["changeover::another_programs_weights_change_nobody_until_they_are_applied_and_can_be_taken_back::sqlite"],
    ),
    bug(
        "a-look-is-not-held-to",
        "I-08",
        ENGINE,
        &["changeover::what_has_changed_since_is_looked_at_again_and_what_changes_nothing_is_no_reason::sqlite"],
    ),
    bug("a-resume-knows-no-row", "I-08", ENGINE, &["import::the_same_archive_again_changes_nothing::sqlite"]),
    bug(
        "a-resume-counts-from-nothing",
        "I-08",
        ENGINE,
        &["crash::a_process_that_dies_while_applying_leaves_an_import_that_goes_on::sqlite"],
    ),
    bug(
        "an-unmerge-gives-nothing-back",
        "I-11",
        ENGINE,
        &[
            "find_or_create::merge_and_unmerge_give_back_what_was::sqlite",
            "find_or_create::merge_and_unmerge_give_back_what_was::postgres",
        ],
    ),
    bug(
        "a-note-stays-with-the-elder",
        "I-11",
        ENGINE,
        &[
            "remark::a_note_goes_with_whom_it_was_said_of::sqlite",
            "remark::a_note_goes_with_whom_it_was_said_of::postgres",
            "remark::everybody_has_in_the_end_what_was_said_of_them",
        ],
    ),
    bug(
        "what-was-said-before-stands",
        "I-11",
        CORE,
        &["remark::tests::of_each_topic_the_newest_stands_and_of_others_all"],
    ),
    bug("records-are-taken-as-they-come", "I-11", CORE, &["survivorship::tests::the_order_of_records_does_not_matter"]),
    bug(
        "links-in-the-order-of-arrival",
        "I-11",
        CORE,
        &[
            "identity::tests::property::any_order_of_decisions_that_contradict_each_other_gives_the_same_customers",
            "identity::tests::decision::of_links_that_cannot_all_hold_the_latest_do",
        ],
    ),
    bug(
        "fiction-is-a-number",
        "I-12",
        CORE,
        &["identity::tests::property::i12_placeholders_join_nobody", "matching::tests::i8_i15_phones_that_are_nobodys"],
    ),
    bug("own-numbers-join", "I-12", CORE, &["matching::tests::i8_own_numbers_are_nobodys"]),
    bug(
        "a-shared-line-joins",
        "I-12",
        CORE,
        &["identity::tests::mark::what_shares_only_a_marked_number_stays_apart_and_nobody_is_asked"],
    ),
    bug("hub-limit-is-ignored", "I-12", CORE, &["identity::tests::story::i16_an_office_line_of_many_proves_nothing"]),
    bug(
        "doubt-goes-to-the-oldest",
        "I-12",
        CORE,
        &["identity::tests::household::an_initial_that_fits_two_goes_to_neither"],
    ),
    bug("look-up-forgets-its-tenant", "I-13", STORE, &["isolation::a_stranger_finds_nothing::sqlite"]),
    bug(
        "a-table-without-its-wall",
        "I-13",
        STORE,
        &[
            "isolation::a_query_that_forgets_its_tenant_meets_the_wall",
            "isolation::without_a_tenant_the_wall_shows_nothing",
            "schema::every_table_is_walled_on_postgres",
        ],
    ),
    bug(
        "the-plan-at-hand-is-anybodys",
        "I-13",
        ENGINE,
        &["import::two_tenants_that_import_at_once_each_get_their_own::sqlite"],
    ),
    bug("a-kept-answer-forgets-its-tenant", "I-13", STORE, &["isolation::a_stranger_finds_nothing::sqlite"]),
    bug(
        "a-kept-answer-is-anybodys",
        "I-13",
        SERVER,
        &["api::idempotency::a_decision_that_is_sent_again_is_one_decision::sqlite"],
    ),
    bug(
        "a-cursor-forgets-its-tenant",
        "I-13",
        SERVER,
        &["api::bad_input::what_is_another_tenants_is_not_there::sqlite"],
    ),
    bug(
        "a-user-is-anybodys",
        "I-13",
        SERVER,
        &["stranger::at_every_door_of_rest_a_strangers_id_is_one_that_never_was::sqlite"],
    ),
    bug(
        "an-import-is-anybodys",
        "I-13",
        SERVER,
        &["stranger::on_every_page_a_strangers_id_is_one_that_never_was::sqlite"],
    ),
    bug(
        "a-door-without-its-guard",
        "I-14",
        SERVER,
        &["api::rights::every_door_is_documented_and_opens_to_whom_it_says::sqlite"],
    ),
    bug(
        "no-token-is-asked-for",
        "I-14",
        SERVER,
        &["api::rights::a_browser_brings_the_token_of_its_page_and_a_program_needs_none::sqlite"],
    ),
    bug(
        "a-forged-cookie-opens",
        "I-14",
        SERVER,
        &["entry::a_session_and_a_key_open_and_what_is_forged_or_ended_does_not::sqlite"],
    ),
    bug("a-link-works-twice", "I-14", SERVER, &["entry::tries_to_sign_in_are_limited_and_links_work_once::sqlite"]),
    bug(
        "anybody-sets-up-twice",
        "I-14",
        SERVER,
        &[
            "entry::the_first_owner_is_made_once_by_whoever_has_the_secret::sqlite",
            "sign_in::the_first_owner_is_made_by_the_link_and_by_nothing_else::sqlite",
        ],
    ),
    bug(
        "a-caller-id-is-proof",
        "I-15",
        CORE,
        &[
            "context::tests::levels::a_caller_who_only_claims_hears_a_first_name_and_the_next_visit",
            "context::tests::levels::each_level_sees_what_the_table_says_and_nothing_else",
        ],
    ),
    bug(
        "a-quotation-ends-where-it-likes",
        "I-16",
        CORE,
        &[
            "context::tests::hostile::p1_nothing_that_is_written_anywhere_is_taken_for_ours",
            "context::tests::hostile::no_text_breaks_out",
        ],
    ),
    bug(
        "codes-are-tried-for-ever",
        "I-17",
        ENGINE,
        &["verification::guessing_ends_after_five_tries_and_asking_after_five_an_hour::sqlite"],
    ),
    bug(
        "a-role-is-remembered",
        "I-17",
        SERVER,
        &["api::rights::a_right_that_is_taken_away_is_gone_at_the_next_request::sqlite"],
    ),
    bug(
        "a-revoked-key-opens",
        "I-17",
        SERVER,
        &["entry::a_session_and_a_key_open_and_what_is_forged_or_ended_does_not::sqlite"],
    ),
    bug(
        "a-stream-outlives-its-right",
        "I-17",
        SERVER,
        &["api::rights::a_stream_tells_nothing_more_to_who_lost_the_right::sqlite"],
    ),
    bug(
        "the-session-before-goes-on",
        "I-17",
        SERVER,
        &["entry::a_session_ends_by_age_by_signing_out_and_by_another_that_begins::sqlite"],
    ),
    bug(
        "a-word-we-do-not-know-allows",
        "I-18",
        CORE,
        &["context::tests::rows::what_we_do_not_understand_forbids_as_much_as_anything"],
    ),
    bug("synchronous-normal", "I-21", STORE, &["disk::the_writer_waits_for_the_disk"]),
    bug("commits-do-not-wait", "I-21", STORE, &["disk::no_connection_turns_waiting_for_the_disk_off"]),
    bug(
        "progress-apart-from-its-page",
        "I-21",
        ENGINE,
        &[
            "crash::a_page_whose_progress_cannot_be_written_is_not_in::sqlite",
            "crash::a_page_whose_progress_cannot_be_written_is_not_in::postgres",
        ],
    ),
    bug(
        "an-agent-names-anybody",
        "I-15",
        SERVER,
        &["mcp::rights::an_agent_is_told_of_whom_it_talks_to_and_names_nobody::sqlite"],
    ),
    bug("a-number-is-a-proof", "I-15", ENGINE, &["context::an_agent_hears_what_a_caller_may_hear::sqlite"]),
    bug("tools-are-listed-to-whoever-asks", "I-14", SERVER, &["mcp::rights::every_tool_is_for_whom_it_says::sqlite"]),
    bug("another-order-on-postgresql", "I-25", ENGINE, &["alike::sqlite_and_postgresql_answer_alike"]),
    bug("keys-sort-as-the-server-likes", "I-25", STORE, &["schema::keys_compare_byte_by_byte_on_postgres"]),
    bug("letter-case-is-nothing-on-sqlite", "I-25", STORE, &["find::a_key_in_other_letters_is_another_key::sqlite"]),
    bug("an-unreadable-row-is-quoted", "I-27", ENGINE, &["log::nothing_personal_is_logged"]),
    bug("a-log-line-quotes-the-row", "I-27", ENGINE, &["log::nothing_personal_is_logged"]),
    bug("a-log-line-names-who-was-looked-up", "I-27", ENGINE, &["log::nothing_personal_is_logged"]),
    bug("nul-comes-in", "I-28", SERVER, &["hostile::no_text_breaks_a_door::postgres"]),
    bug("the-directory-is-believed", "I-28", UPSTREAM, &["hostile::a_bomb_that_admits_it_is_refused_unopened"]),
    bug("each-file-has-the-whole-budget", "I-28", UPSTREAM, &["hostile::more_than_the_total_is_refused"]),
    bug("cells-of-any-size", "I-28", UPSTREAM, &["wild::a_field_beyond_its_limit_is_skipped_by_name"]),
    bug(
        "no-overlap",
        "I-01",
        UPSTREAM,
        &["servicetitan::list::changes_that_become_visible_late_are_told_as_long_as_the_lag_is_the_declared_one"],
    ),
    bug(
        "counted-pages-are-trusted",
        "I-02",
        UPSTREAM,
        &["servicetitan::list::an_edit_while_pages_of_one_stamp_are_counted_is_not_passed_over"],
    ),
    bug(
        "what-is-inactive-is-not-asked-for",
        "I-05",
        UPSTREAM,
        &["servicetitan::suite::a_sweep_tells_all_that_is_in_use_in_the_shape_of_a_page"],
    ),
    bug(
        "what-is-new-can-wait",
        "I-01",
        UPSTREAM,
        &["servicetitan::suite::what_changed_is_told_from_the_last_cursor_and_little_else"],
    ),
    bug(
        "a-note-is-sent-again",
        "I-10",
        UPSTREAM,
        &["servicetitan::look::a_note_is_written_once_whatever_happens_on_the_way"],
    ),
    bug(
        "one-token-for-all",
        "I-13",
        UPSTREAM,
        &["servicetitan::credential::two_businesses_with_the_same_numbers_never_meet"],
    ),
    bug(
        "every-place-is-allowed",
        "I-16",
        UPSTREAM,
        &["servicetitan::settings::each_setting_that_is_wrong_is_named_with_what_it_looks_like"],
    ),
    bug(
        "a-message-leaves-the-version",
        "I-17",
        STORE,
        &["context::each_write_makes_those_contexts_older_that_it_changes_and_no_others::sqlite"],
    ),
    bug(
        "a-cache-is-believed",
        "I-17",
        ENGINE,
        &[
            "context::no_answer_is_older_than_a_commit_before_the_question::sqlite",
            "context::what_was_changed_is_told_and_an_old_id_leads_to_whoever_it_is_now::sqlite",
        ],
    ),
    bug(
        "whose-it-was-is-whose-it-is",
        "I-11",
        ENGINE,
        &[
            "past::every_decision_is_looked_through::sqlite",
            "past::what_is_told_as_of_an_instant_is_what_was_told_then::sqlite",
        ],
    ),
    bug(
        "what-stood-outlives-its-removal",
        "I-26",
        STORE,
        &["past::what_is_taken_out_for_good_leaves_nothing_that_stood::sqlite"],
    ),
    bug(
        "the-smallest-number-comes-first",
        "I-29",
        STORE,
        &[
            "task::whoever_has_waited_longest_comes_next::sqlite",
            "task::whoever_has_waited_longest_comes_next::postgres",
        ],
    ),
    bug(
        "a-customer-is-worth-the-jobs-at-hand",
        "I-30",
        CORE,
        &["context::tests::rows::d6_lifetime_value_is_over_all_jobs_not_those_at_hand"],
    ),
];
