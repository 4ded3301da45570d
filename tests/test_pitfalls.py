"""Ways in which other tools hurt their users, each with the tests that hold it off here.

The numbers are those of the project's own list of 35. A test that is renamed or taken away is missed here,
so that nobody opens an old wound by tidying up.
"""

import ast
import csv
import socket
import tomllib
from pathlib import Path

import pytest

from tunesmith import flow
from tunesmith.errors import DataError

ROOT = Path(__file__).parent

HELD_OFF: dict[int, tuple[str, dict[str, str]]] = {
    1: (
        "a file of one's own is refused with a KeyError, or a misspelt key changes its format in silence",
        {
            "settings/test_settings_parse.py": "all_problems_come_at_once",
            "rooms/read/test_read_reading.py": "two_columns_without_names unknown_names_name_the_nearest",
            "rooms/read/test_read_rows.py": "the_preview_is_short_and_from_the_start",
            "rooms/read/test_read_names.py": "what_does_not_exist_names_what_does",
        },
    ),
    2: (
        "an error names the wrong cause",
        {
            "rooms/check/test_check_labels.py": "variants_are_looked_for_across_splits",
            "rooms/check/test_check_classes.py": "a_class_that_training_never_shows_is_named_with_its_split",
            "rooms/read/test_read_sources.py": "what_lies_beside_a_missing_file_is_named",
            "test_errors.py": "the_sentence_is_built_from_the_fields",
        },
    ),
    3: (
        "rows vanish",
        {
            "rooms/read/test_read_mutations.py": "200_damaged_files",
            "rooms/read/test_read_rows.py": "counts_add_up_over_splits rejects_are_read_as_they_were_written",
            "rooms/prepare/test_prepare_split.py": "no_row_is_lost_or_doubled",
            "tasks/test_tasks_contract.py": "no_row_is_empty_or_lost",
        },
    ),
    4: (
        "cutting takes away answers, templates and ends",
        {
            "tasks/test_tasks_talks.py": "the_question_gives_way_from_the_left_and_nothing_else"
            " every_policy_keeps_the_end_of_what_it_learns what_is_lost_is_counted",
            "hall/test_fitting.py": "what_gives_way_is_told_before_the_start",
            "rooms/check/test_check_match.py": "a_window_cuts_what_is_behind_it",
        },
    ),
    5: (
        "GBK, UTF-16, byte order marks, and consoles that cannot show a character",
        {
            "rooms/read/test_read_encodings.py": "encoding_is_found_from_the_bytes",
            "rooms/read/test_read_shared_table.py": "copy_in_another_encoding_reads_the_same",
            "cli/test_cli_commands.py": "a_console_without_the_characters_never_ends_a_run",
            "cli/test_cli_console.py": "what_a_stream_cannot_show_is_escaped",
        },
    ),
    6: (
        "processes wait for the tokenizer until their network gives up",
        {
            "test_flow_ranks.py": "what_is_wrong_with_the_data_is_said_once",
            "test_launch.py": "the_others_learn_the_folder_and_rank_0s_clock the_death_of_rank_0_is_noticed",
            "rooms/prepare/test_prepare_prepare.py": "the_same_inputs_are_prepared_once"
            " anything_that_matters_makes_another_key",
        },
    ),
    7: (
        "a sample is the first rows",
        {
            "rooms/evaluate/test_evaluate_scores.py": "a_sample_is_drawn_by_seed_not_from_the_top_and_says_so",
            "rooms/check/deep/test_deep_labels.py": "many_rows_are_sampled_and_it_is_said",
            "rooms/check/test_check_match.py": "many_rows_are_sampled_by_chance_and_it_is_said",
        },
    ),
    8: (
        "gathered gradients are not those of the large batch",
        {
            "rooms/train/test_train_loop.py": "small_micro_batches_learn_the_same_as_one_big_batch",
            "rooms/train/test_train_ranks.py": "two_processes_train_as_one_does",
            "rooms/train/test_train_talks.py": "passes_of_any_size_are_one_batch",
            "models/test_models_losses.py": "pieces_of_a_batch_add_up_to_the_whole",
        },
    ),
    9: (
        "padding is the end token, so the end is never learned",
        {
            "rooms/train/test_train_talks.py": "a_padding_token_that_ends_answers_changes_nothing",
            "models/test_models_chat_template.py": "every_answer_is_learned_with_its_end_and_nothing_else"
            " a_tokenizer_without_an_end_cannot_answer",
            "rooms/evaluate/test_evaluate_writing.py": "a_model_without_an_end_has_no_rate_of_stopping",
        },
    ),
    10: (
        "the template is not found and nothing at all is learned",
        {
            "tasks/test_tasks_talks.py": "a_window_without_anything_to_learn_is_left_out",
            "models/test_models_chat_template.py": "whatever_is_said_the_form_stays"
            " a_template_that_cannot_be_learned_from_is_refused",
            "cli/test_cli_examples.py": "learned_text_stands_out_with_its_end",
            "hall/test_fitting.py": "where_nothing_would_be_left_the_way_out_is_said",
        },
    ),
    11: (
        "memory runs out, and what is tried next is another training",
        {
            "rooms/train/test_train_learn.py": "less_in_a_pass_is_the_same_step the_smaller_size_outlives_a_crash"
            " memory_that_really_runs_out",
            "models/test_models_inference.py": "where_memory_runs_out_passes_are_halved_and_every_row_is_answered",
        },
    ),
    12: (
        "a torn checkpoint is taken for a whole one",
        {
            "rooms/train/test_train_checkpoints.py": "a_damaged_checkpoint_is_passed_over_and_the_user_told"
            " killed_at_any_file_operation_of_a_save_the_run_ends_in_the_same_weights"
            " a_full_disk_is_noticed_before_anything_is_written",
            "test_disk.py": "any_flipped_bit_is_found any_torn_length_is_found",
        },
    ),
    13: (
        "after a resume the loss jumps and rows come in another order",
        {
            "rooms/train/test_train_checkpoints.py": "stopped_and_resumed_is_bit_equal_to_undisturbed",
            "test_chaos.py": "killed_runs_end_with_the_undisturbed_weights",
            "test_flow.py": "stopped_and_resumed_gives_the_same_weights",
            "test_flow_prompts.py": "it_is_trained_stopped_and_resumed_to_the_same_weights_and_answers",
        },
    ),
    14: (
        "random numbers and optimisers come back out of pickles",
        {
            "rooms/train/test_train_checkpoints.py": "no_pickle_is_written",
            "test_pitfalls.py": "the_linter_bans_what_harms",
        },
    ),
    15: (
        "the best model is none, the last one, or one without a number",
        {
            "rooms/train/test_train_loop.py": "the_best_state_is_kept_and_put_back nan_is_never_the_best",
            "rooms/plan/test_plan_choices.py": "a_monitor_that_is_not_measured_is_refused_at_the_start",
            "rooms/train/test_train_keeping.py": "a_state_that_comes_after_a_resume_is_measured_by_the_score_of_before",
        },
    ),
    16: (
        "half precision where it breaks or is only played",
        {
            "rooms/plan/test_plan_speed.py": "half_precision_is_never_chosen_where_it_is_emulated",
            "test_device.py": "half_precision_counts_only_in_hardware",
            "hall/test_session.py": "once_not_finite_it_goes_back_and_on_with_a_third_of_the_rate"
            " the_second_time_it_explains_itself",
        },
    ),
    17: (
        "processes hang and nobody knows where",
        {
            "rooms/train/test_train_ranks.py": "every_item_is_dealt_once_and_no_rank_takes_more_passes"
            " a_stall_names_rank_step_and_phase a_dead_rank_is_named_before_a_slow_one",
        },
    ),
    18: (
        "packed texts see each other",
        {
            "models/fast/test_fast_packed.py": "losses_and_gradients_are_those_of_plain_transformers",
            "models/fast/test_fast_causal.py": "losses_and_gradients_are_those_of_plain_transformers"
            " texts_do_not_see_each_other_nor_what_comes",
            "models/fast/test_fast_attention.py": "texts_do_not_see_each_other",
        },
    ),
    19: (
        "no accuracy, recall or F1 unless one writes them",
        {
            "metrics/test_metrics_classification.py": "agrees_with_scikit_learn",
            "metrics/test_metrics_entities.py": "agrees_with_seqeval_on_any_sequences",
            "cli/test_cli_show.py": "scores_come_with_their_intervals",
        },
    ),
    20: (
        "the score is not that of the model which is handed over",
        {
            "rooms/evaluate/test_evaluate_scores.py": "predictions_are_what_was_scored"
            " the_loops_score_is_the_final_score",
            "hall/test_closing.py": "another_model_is_an_error",
        },
    ),
    21: (
        "Chinese texts that are alike score nothing",
        {"metrics/test_metrics_writing.py": "every_text_repeats_itself real_chinese_and_english_repeat_themselves"},
    ),
    22: (
        "words behind the window are not scored",
        {"tasks/test_tasks_windows.py": "every_word_is_answered_once_by_its_own_first_piece"},
    ),
    23: (
        "all logits are kept until memory is full",
        {
            "models/test_models_targets.py": "the_head_is_computed_at_targets_alone_and_a_piece_at_a_time",
            "tasks/test_tasks_counts.py": "counts_add_up_to_what_is_judged",
        },
    ),
    24: (
        "a head is not saved with its adapter",
        {
            "models/methods/test_methods_adapter.py": "the_saved_model_needs_no_peft_and_the_adapter_is_whole",
            "models/methods/test_methods_writers.py": "a_head_that_was_made_anew_learns_and_is_in_the_adapter",
            "models/test_models_grown.py": "their_rows_alone_learn_are_kept_and_are_merged",
            "models/test_models_loading.py": "any_other_missing_weight_is_refused_by_name"
            " a_trained_model_is_whole_or_refused",
        },
    ),
    25: (
        "merged or loaded elsewhere, the model answers otherwise",
        {
            "models/methods/test_methods_writers.py": "on_its_base_merged_and_loaded_again_it_answers_alike"
            " an_adapter_knows_its_base",
            "models/methods/test_methods_prefix.py": "it_is_kept_apart_and_put_back_on_its_base"
            " without_its_base_it_is_refused many_at_once_are_answered_as_one_by_one",
            "models/test_models_writing.py": "the_manner_lies_with_the_weights",
            "test_flow_media.py": "plain_transformers_answers_alike",
        },
    ),
    26: (
        "labels are called LABEL_0",
        {"test_flow.py": "any_program_loads_the_model_with_its_labels"},
    ),
    27: (
        "a page that is closed or a server that dies loses the work",
        {
            "rooms/rate/test_rate_browser.py": "votes_outlive_a_closed_tab"
            " a_killed_server_loses_nothing_that_was_saved_and_gets_the_rest_later",
            "test_runs.py": "the_heart_beats_on_when_the_calendar_jumps",
        },
    ),
    28: (
        "mirrors and offline work are ignored",
        {
            "models/test_models_hub.py": "a_name_is_fetched_from_the_mirror_and_then_found_offline",
            "models/test_models_find.py": "modelscope_names_go_to_modelscope_without_pickles"
            " offline_and_not_here_lists_what_is",
        },
    ),
    29: (
        "a pickle comes in by a side door",
        {
            "models/test_models_safety.py": "pickles_alone_are_refused_and_named_wherever_they_hide"
            " a_pickle_that_calls_itself_safetensors_is_refused",
            "test_pitfalls.py": "the_linter_bans_what_harms",
        },
    ),
    30: (
        "foreign code runs by default",
        {"models/test_models_safety.py": "code_needs_leave_and_for_a_hub_a_commit odd_spellings_of_auto_map_are_seen"},
    ),
    31: (
        "what is typed into a form reaches a shell or the disk",
        {
            "rooms/rate/test_rate_pages.py": "only_files_of_the_pages_are_served",
            "rooms/report/test_report_page.py": "the_command_survives_a_shell",
            "test_runs.py": "odd_names_become_one_plain_folder_below_the_root",
            "rooms/read/test_read_archives.py": "a_member_that_leads_out_is_refused",
            "test_pitfalls.py": "the_linter_bans_what_harms",
        },
    ),
    32: (
        "servers are open to everybody",
        {
            "rooms/rate/test_rate_pages.py": "without_a_link_nothing_is_seen only_our_own_pages_may_vote"
            " a_name_that_was_turned_to_us_sees_nothing",
        },
    ),
    33: (
        "addresses in the data are fetched",
        {"test_pitfalls.py": "nothing_in_the_data_is_fetched_and_nothing_is_told_to_anyone"},
    ),
    34: (
        "texts of the data are obeyed by pages",
        {
            "rooms/report/test_report_page.py": "hostile_texts_are_shown_not_obeyed",
            "rooms/rate/test_rate_browser.py": "hostile_text_is_shown_as_text",
            "using/test_using_explaining.py": "hostile_text_stays_text",
            "rooms/report/test_report_check.py": "the_page_is_closed_to_the_outside_and_well_formed",
        },
    ),
    35: (
        "YAML that runs, secrets for all to read, reports to the maker",
        {
            "rooms/rate/test_rate_pages.py": "links_are_the_same_after_a_restart_and_others_elsewhere",
            "rooms/tune/test_tune_board.py": "an_address_that_is_none_and_one_that_does_not_answer_show_no_password",
            "test_pitfalls.py": "the_linter_bans_what_harms"
            " nothing_in_the_data_is_fetched_and_nothing_is_told_to_anyone",
        },
    ),
}
"""Number → what happened elsewhere, and the tests that hold it off: names without ``test_``, by file."""


def test_all_of_them_are_held_off() -> None:
    assert sorted(HELD_OFF) == list(range(1, 36))


@pytest.mark.parametrize("number", HELD_OFF)
def test_its_tests_are_there(number: int) -> None:
    for file, names in HELD_OFF[number][1].items():
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert {f"test_{name}" for name in names.split()} <= there, file


def test_the_linter_bans_what_harms() -> None:
    """Pickles, shells (S602, S604, S605), unsafe YAML (S506), evaluated text (S307) and passwords in code (S105)."""
    ruff = tomllib.loads((ROOT.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    assert "S" in ruff["select"]
    assert not {"S105", "S301", "S307", "S506", "S602", "S604", "S605"} & set(ruff["ignore"])
    assert {"pickle", "torch.load", "torch.save"} <= set(ruff["flake8-tidy-imports"]["banned-api"])
    ours = [codes for files, codes in ruff["per-file-ignores"].items() if files.startswith("src/")]
    assert not any(code.startswith("S") for codes in ours for code in codes)


def test_nothing_in_the_data_is_fetched_and_nothing_is_told_to_anyone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is read and checked, no connection is opened: not to what the data names, and to nobody else."""
    tried: list[object] = []

    def refuse(_: socket.socket, address: object) -> None:
        tried.append(address)
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **_: refuse(None, asked))  # type: ignore[arg-type]
    texts, pictures = tmp_path / "texts.csv", tmp_path / "pictures.csv"
    for path, column, cell in (
        (texts, "text", "http://127.0.0.1:9/{} is where I read of it, <img src='http://127.0.0.1:9/x.png'>"),
        (pictures, "path", "http://127.0.0.1:9/{}.png"),
    ):
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow([column, "label"])
            rows.writerows([cell.format(number), ("good", "bad")[number % 2]] for number in range(40))
    flow.check(flow.read([texts]))
    with pytest.raises(DataError):  # addresses are no files, and are said to be missing
        flow.read([pictures])
    assert not tried
