/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_param.h - lists of ;name=value, and the comma list. */
#ifndef IMS_SIP_PARAM_H
#define IMS_SIP_PARAM_H

#include "base_str.h"

struct ims_sip_param {
	struct ims_str name;
	struct ims_str value; /* with its quotes if it had them */
	bool has_value;       /* there was an '=' */
};

struct ims_sip_scan;
/* Takes one `name[=value]` at the place of s and the white space after it.
 * False if there is no name, or its quoted value does not end; *out is scratch
 * then.  For the
 * readers of this module that must see what separates the parameters.
 */
bool ims_sip_param_take(struct ims_sip_scan *s, struct ims_sip_param *out);

/* Takes the next parameter off *rest (which may start with ';' and white
 * space).  Returns false at the end; text that is no parameter is skipped.
 */
bool ims_sip_param_next(struct ims_str *rest, struct ims_sip_param *out);
/* The first with this name (any case); false if there is none. */
bool ims_sip_param_find(struct ims_str list, const char *name,
			struct ims_sip_param *out);
/* Without the quotes at both ends; a quoted-pair inside stays as it is. */
struct ims_str ims_sip_unquote(struct ims_str s);
/* Takes the next value off a comma list; quotes and <> are respected. */
bool ims_sip_comma_next(struct ims_str *rest, struct ims_str *value);
/* q=: thousandths, 0..1000.  Returns 0 or -IMS_E_SYNTAX. */
int ims_sip_qvalue(struct ims_str s, unsigned *out);

#endif
