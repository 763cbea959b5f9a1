/* SPDX-License-Identifier: Apache-2.0
 * jni_text.c - dev.corral.internal.TextNatives: unpack, call, return.
 * Layer: jni. May include: every layer. The header is written by javac, so a wrong signature does not compile. */
#include "arena/string_parts.h"
#include "dev_corral_internal_TextNatives.h"
#include "jni_parts.h"

#define FIELDS dev_corral_internal_TextNatives_LENGTH_OF_ARRAY
#define FIELD(fields, name) ((fields)[dev_corral_internal_TextNatives_##name])

/* An array that is too short leaves an exception, and an empty string that has no arena. */
static ArenaString string_from_java(JNIEnv *env, jlong arena, jlongArray text) {
    jlong fields[FIELDS] = {0};
    (*env)->GetLongArrayRegion(env, text, 0, FIELDS, fields);
    if ((*env)->ExceptionCheck(env)) {
        return arena_string_begin(NULL);
    }
    return (ArenaString){
        .arena = arena_of(arena),
        .text = (char *)(uintptr_t)FIELD(fields, TEXT),
        .chunk = (uint32_t)FIELD(fields, CHUNK),
        .length = size_of(FIELD(fields, LENGTH)),
        .room = size_of(FIELD(fields, ROOM)),
        .hold = (uint64_t)FIELD(fields, HOLD),
        .take_backs = (uint64_t)FIELD(fields, TAKE_BACKS),
    };
}

static void string_to_java(JNIEnv *env, const ArenaString *string, jlongArray text) {
    jlong fields[FIELDS] = {0};
    FIELD(fields, TEXT) = handle_of(string->text);
    FIELD(fields, CHUNK) = (jlong)string->chunk;
    FIELD(fields, LENGTH) = (jlong)string->length;
    FIELD(fields, ROOM) = (jlong)string->room;
    FIELD(fields, HOLD) = (jlong)string->hold;
    FIELD(fields, TAKE_BACKS) = (jlong)string->take_backs;
    FIELD(fields, REF) = (jlong)string_ref(string);
    (*env)->SetLongArrayRegion(env, text, 0, FIELDS, fields);
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_TextNatives_reserve(JNIEnv *env, jclass type, jlong arena,
                                                                    jlongArray text, jlong more) {
    (void)type;
    ArenaString string = string_from_java(env, arena, text);
    CorralStatus status = string_check(&string);
    if (status == CORRAL_OK) {
        status = string_reserve(&string, size_of(more));
    }
    if (status == CORRAL_OK) {
        string_to_java(env, &string, text);
    }
    return (jint)status;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_TextNatives_finish(JNIEnv *env, jclass type, jlong arena,
                                                                   jlongArray text) {
    (void)type;
    ArenaString string = string_from_java(env, arena, text);
    CorralStatus status = string_check(&string);
    if (status == CORRAL_OK && string.text != NULL) {
        string_end(&string, string.length);
        string_to_java(env, &string, text);
    }
    return (jint)status;
}

JNIEXPORT void JNICALL Java_dev_corral_internal_TextNatives_discard(JNIEnv *env, jclass type, jlong arena,
                                                                    jlongArray text) {
    (void)type;
    ArenaString string = string_from_java(env, arena, text);
    arena_string_discard(&string);
    string_to_java(env, &string, text);
}
