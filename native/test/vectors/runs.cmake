# SPDX-License-Identifier: Apache-2.0
# The vector runner, and the ways in which it runs all vectors. Included by native/test/CMakeLists.txt.
set(vector_parts engine.c op_alloc.c op_debug.c op_life.c op_lifetimes.c op_mapped.c op_marks.c op_objects.c
  op_observe.c op_recycler.c op_refs.c op_release.c op_resize.c op_slots.c op_stack.c op_stats.c op_string.c op_text.c
  results.c script.c table.c things.c watch.c words.c)
list(TRANSFORM vector_parts PREPEND vectors/)
corral_add_test_program(NAME vector_runner SOURCES vector_runner.c ${vector_parts})
corral_add_run(NAME vectors PROGRAM vector_runner ARGS "${CORRAL_VECTORS}")
corral_add_run(NAME vectors_closed_window PROGRAM vector_runner ARGS "${CORRAL_VECTORS}" --poison)
corral_add_run(NAME vectors_zeroed PROGRAM vector_runner ARGS "${CORRAL_VECTORS}" --zeroed)
corral_add_run(NAME vectors_closed_zeroed PROGRAM vector_runner ARGS "${CORRAL_VECTORS}" --poison --zeroed)
corral_add_run(NAME vectors_debug PROGRAM vector_runner ARGS "${CORRAL_VECTORS}" --debug)
corral_add_run(NAME vectors_observed PROGRAM vector_runner ARGS "${CORRAL_VECTORS}" --observed)
corral_add_run(NAME vectors_out_of_memory PROGRAM vector_runner ARGS "${CORRAL_VECTORS}" --oom)
