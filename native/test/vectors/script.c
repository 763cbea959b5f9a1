/* SPDX-License-Identifier: Apache-2.0
 * script.c - splits the lines of a test vector into words. */
#include "vectors/script.h"

#include <stdlib.h>
#include <string.h>

/* The rest of the source, and where the next word goes in line->text. Only a repeated word outgrows its source. */
typedef struct Parser {
    Line *line;
    const char *at;
    char *out;
} Parser;

static bool refuse(Parser *parser, const char *error) {
    parser->line->error = error;
    return false;
}

static void put_code(Parser *parser, unsigned long code, bool utf8) {
    int more = !utf8 || code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xC0, 0xE0, 0xF0};
    *parser->out++ = (char)(leads[more] | code >> (6 * more));
    while (more-- > 0) {
        *parser->out++ = (char)(0x80 | (code >> (6 * more) & 0x3F));
    }
}

/* \n \t \" \\ \xHH \u{H...}; moves from the backslash to the last character. */
static bool take_escape(Parser *parser) {
    static const char names[] = "nt\"\\", bytes[] = "\n\t\"\\";
    char kind = *++parser->at;
    const char *simple = memchr(names, kind, sizeof names - 1);
    if (simple != NULL) {
        *parser->out++ = bytes[simple - names];
        return true;
    }
    bool wide = kind == 'u' && parser->at[1] == '{';
    const char *digits = parser->at + 1 + wide;
    size_t count = strspn(digits, "0123456789abcdefABCDEF");
    count = wide || count < 2 ? count : 2;
    if (wide ? count < 1 || count > 6 || digits[count] != '}' : kind != 'x' || count != 2) {
        return refuse(parser, "unknown escape");
    }
    char number[7] = "";
    memcpy(number, digits, count);
    parser->at = digits + count - !wide;
    unsigned long code = strtoul(number, NULL, 16);
    put_code(parser, code, wide);
    return code <= 0x10FFFF || refuse(parser, "not a code point");
}

/* "text" or "text"*count. */
static bool take_string(Parser *parser) {
    char *start = parser->out;
    for (char byte; (byte = *++parser->at) != '"';) {
        if (byte == '\0') {
            return refuse(parser, "string without end");
        }
        if (byte != '\\') {
            *parser->out++ = byte;
        } else if (!take_escape(parser)) {
            return false;
        }
    }
    if (*++parser->at == '*') {
        char *end;
        unsigned long count = strtoul(parser->at + 1, &end, 10);
        size_t length = (size_t)(parser->out - start);
        if (count == 0 || length == 0 || count > LINE_STRING_MAX / length) {
            return refuse(parser, "string cannot be repeated so often");
        }
        for (parser->at = end; count > 1; count--, parser->out += length) {
            memcpy(parser->out, start, length);
        }
    }
    return *parser->at == '\0' || *parser->at == ' ' || refuse(parser, "a blank belongs between words");
}

/* A name, a number, or an option: key=value, key<=value, key>=value. */
static void take_bare(Parser *parser, Word *word) {
    size_t length = strcspn(parser->at, " ");
    memcpy(parser->out, parser->at, length);
    size_t key = strcspn(parser->at, "=<>");
    if (key > 0 && key < length && parser->at[key + (parser->at[key] != '=')] == '=') {
        word->key = parser->out;
        word->relation = parser->at[key];
        parser->out[key] = '\0';
        word->text = parser->out + key + (word->relation == '=' ? 1 : 2);
    }
    parser->at += length;
    parser->out += length;
}

bool line_parse(Line *line, const char *source) {
    line->count = 0;
    line->arrow = SIZE_MAX;
    Parser parser = {line, source + strspn(source, " "), line->text};
    for (; *parser.at != '\0' && *parser.at != '#'; parser.at += strspn(parser.at, " ")) {
        if (strncmp(parser.at, "-> ", 3) == 0 && line->arrow == SIZE_MAX) {
            line->arrow = line->count;
            parser.at += 3;
            continue;
        }
        Word *word = &line->words[line->count];
        if (line->count++ == LINE_WORDS_MAX) {
            return refuse(&parser, "too many words");
        }
        *word = (Word){.key = "", .text = parser.out, .quoted = *parser.at == '"'};
        if (!word->quoted) {
            take_bare(&parser, word);
        } else if (!take_string(&parser)) {
            return false;
        }
        word->length = (size_t)(parser.out - word->text);
        *parser.out++ = '\0';
    }
    line->arrow = line->arrow < line->count ? line->arrow : line->count;
    return true;
}
