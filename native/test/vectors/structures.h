/* SPDX-License-Identifier: Apache-2.0
 * structures.h - what the engine does with structures: checks every live one after each line, and destroys them at the
 * end. Layer: test. */
#ifndef CORRAL_TEST_VECTORS_STRUCTURES_H
#define CORRAL_TEST_VECTORS_STRUCTURES_H

#include "vectors/run.h"

/* Recyclers and lifetimes are destroyed after the arenas and before the pools (op_recycler.c, op_lifetimes.c). */
void audit_recyclers(Run *run);
void finish_recyclers(Run *run);
void audit_lifetimes(Run *run);
void finish_lifetimes(Run *run);

/* Slot pools are destroyed before the arenas (op_slots.c). */
void audit_slots(Run *run);
void finish_slots(Run *run);

/* Closes the files that are open, and removes all files of the vector (op_mapped.c). */
void finish_files(Run *run);

/* Destroys pools of objects and stacks, before the arenas (op_objects.c, op_stack.c). */
void finish_objects(Run *run);
void finish_stacks(Run *run);

#endif
