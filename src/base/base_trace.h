/* SPDX-License-Identifier: BSD-2-Clause */
/* base_trace.h - the library does not log; it tells a sink.
 *
 * A sink is an argument or a field, never a global.  NULL is a sink that
 * hears nothing.  A text never holds K, OP, OPc, CK, IK, RES or an ESP key.
 */
#ifndef IMS_BASE_TRACE_H
#define IMS_BASE_TRACE_H

#include "base_str.h"

enum ims_level { IMS_ERROR, IMS_WARN, IMS_INFO, IMS_DEBUG, IMS_TRACE };

struct ims_trace {
	enum ims_level level; /* what is finer is not said */
	/* topic: the file's name without ending, "ue_reg". */
	void (*say)(void *arg, enum ims_level level, const char *topic,
		    const char *text);
	void *arg;
};

/* Formats, and hands it over with control bytes and non-ASCII shown as \xNN;
 * longer than 1023 bytes is cut.
 */
void ims_trace(const struct ims_trace *t, enum ims_level level,
	       const char *topic, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
const char *ims_level_name(enum ims_level level);

/* Copies s with control bytes and non-ASCII shown as \xNN: what comes from a
 * peer never reaches a terminal or a log raw.
 */
const char *ims_printable(struct ims_str s, char *out, size_t cap);

#endif
