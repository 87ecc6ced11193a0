/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl_req.c - a request to a running program: one line of JSON. */
#include "ctl_req.h"

#include <jansson.h>
#include <string.h>

#define SECONDS_MAX 2000000

const char *const ims_ctl_reasons[] = {"rejected", "deactivated", "probation",
				       NULL};

typedef int take_fn(const json_t *v, const char *key, struct ims_ctl_req *r,
		    struct ims_flaw *why);

static int misuse(struct ims_flaw *why, const char *key, const char *what)
{
	return ims_flaw(why, -IMS_E_USAGE, "\"%s\": %s", key, what);
}

static int take_text(const json_t *v, const char *key, char *out, size_t cap,
		     struct ims_flaw *why)
{
	struct ims_str s;

	if (!json_is_string(v))
		return misuse(why, key, "a text is wanted");
	s = ims_str_n(json_string_value(v), json_string_length(v));
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] > '~')
			return misuse(why, key,
				      "only printable ASCII, no blanks");
	if (!s.n || !ims_str_copy(out, cap, s))
		return ims_flaw(why, -IMS_E_USAGE,
				"\"%s\": 1 to %zu characters", key, cap - 1);
	return 0;
}

static int take_number(const json_t *v, const char *key, uint32_t *out,
		       struct ims_flaw *why)
{
	json_int_t n = json_integer_value(v);

	if (!json_is_integer(v) || n < 0 || n > SECONDS_MAX)
		return ims_flaw(why, -IMS_E_USAGE,
				"\"%s\": a number of 0..%d is wanted", key,
				SECONDS_MAX);
	*out = (uint32_t)n;
	return 0;
}

static int take_word(const json_t *v, const char *key,
		     const char *(*name)(unsigned), unsigned *out,
		     struct ims_flaw *why)
{
	const char *word = json_string_value(v);
	char list[128];
	struct ims_buf b;

	ims_buf_init(&b, list, sizeof list);
	for (unsigned i = 0; name(i); i++) {
		if (word && strcmp(word, name(i)) == 0) {
			*out = i;
			return 0;
		}
		ims_buf_printf(&b, "%s%s", i ? ", " : "", name(i));
	}
	return ims_flaw(why, -IMS_E_USAGE, "\"%s\": one of %s", key,
			ims_buf_cstr(&b));
}

static const char *reason_name(unsigned i)
{
	return ims_ctl_reasons[i];
}

static const char *level_name(unsigned i)
{
	return i <= IMS_TRACE ? ims_level_name((enum ims_level)i) : NULL;
}

static int take_user(const json_t *v, const char *key, struct ims_ctl_req *r,
		     struct ims_flaw *why)
{
	return take_text(v, key, r->user, sizeof r->user, why);
}

static int take_reason(const json_t *v, const char *key, struct ims_ctl_req *r,
		       struct ims_flaw *why)
{
	unsigned i = 0;
	int err = take_word(v, key, reason_name, &i, why);

	if (!err)
		r->reason = (enum ims_ctl_reason)i;
	return err;
}

static int take_level(const json_t *v, const char *key, struct ims_ctl_req *r,
		      struct ims_flaw *why)
{
	unsigned i = 0;
	int err = take_word(v, key, level_name, &i, why);

	if (!err)
		r->level = (enum ims_level)i;
	return err;
}

static int take_retry(const json_t *v, const char *key, struct ims_ctl_req *r,
		      struct ims_flaw *why)
{
	return take_number(v, key, &r->retry_after_s, why);
}

static int take_in(const json_t *v, const char *key, struct ims_ctl_req *r,
		   struct ims_flaw *why)
{
	return take_number(v, key, &r->in_s, why);
}

static int take_skip(const json_t *v, const char *key, struct ims_ctl_req *r,
		     struct ims_flaw *why)
{
	return take_number(v, key, &r->skip, why);
}

static int take_max(const json_t *v, const char *key, struct ims_ctl_req *r,
		    struct ims_flaw *why)
{
	return take_number(v, key, &r->max, why);
}

static int take_addr(const json_t *v, const char *key, struct ims_ctl_req *r,
		     struct ims_flaw *why)
{
	char text[IMS_ADDR_TEXT];
	int err = take_text(v, key, text, sizeof text, why);

	if (!err && ims_addr_parse(ims_str(text), 0, &r->addr))
		err = misuse(why, key, "an IP address is wanted");
	return err;
}

/* In the order of the bits. */
static const struct {
	const char *name;
	take_fn *take;
} keys[IMS_CTL_N_KEYS] = {
	{"user", take_user},
	{"reason", take_reason},
	{"retry_after_s", take_retry},
	{"in_s", take_in},
	{"level", take_level},
	{"skip", take_skip},
	{"max", take_max},
	{"addr", take_addr},
};

const char *ims_ctl_key_name(unsigned i)
{
	return i < IMS_CTL_N_KEYS ? keys[i].name : NULL;
}

static int take_key(const char *name, const json_t *v, struct ims_ctl_req *r,
		    struct ims_flaw *why)
{
	char shown[80];

	for (unsigned i = 0; i < IMS_CTL_N_KEYS; i++) {
		if (strcmp(name, keys[i].name) != 0)
			continue;
		r->given |= 1u << i;
		return keys[i].take(v, name, r, why);
	}
	return ims_flaw(why, -IMS_E_USAGE, "\"%s\" is no key of a request",
			ims_printable(ims_str(name), shown, sizeof shown));
}

static int take_version(const json_t *o, struct ims_flaw *why)
{
	const json_t *v = json_object_get(o, "v");

	if (!json_is_integer(v))
		return misuse(why, "v", "the version is missing: 1");
	if (json_integer_value(v) != IMS_CTL_VERSION)
		return ims_flaw(why, -IMS_E_USAGE,
				"\"v\": this program speaks version %d",
				IMS_CTL_VERSION);
	return 0;
}

static int take_all(json_t *o, struct ims_ctl_req *r, struct ims_flaw *why)
{
	const char *name;
	json_t *v;
	int err = take_version(o, why);

	if (!err && !json_object_get(o, "cmd"))
		err = misuse(why, "cmd", "is missing");
	if (!err)
		err = take_text(json_object_get(o, "cmd"), "cmd", r->cmd,
				sizeof r->cmd, why);
	if (err)
		return err;
	json_object_foreach(o, name, v)
	{
		if (strcmp(name, "v") == 0 || strcmp(name, "cmd") == 0 ||
		    strcmp(name, "id") == 0)
			continue;
		err = take_key(name, v, r, why);
		if (err)
			return err;
	}
	return 0;
}

/* What the answer repeats. */
static int take_id(const json_t *o, struct ims_ctl_req *r, struct ims_flaw *why)
{
	const json_t *v = json_object_get(o, "id");

	if (!v)
		return 0;
	if (!json_is_integer(v))
		return misuse(why, "id", "a whole number is wanted");
	r->has_id = true;
	r->id = json_integer_value(v);
	return 0;
}

static json_t *load(struct ims_str line, struct ims_flaw *why)
{
	char shown[120];
	json_error_t e;
	json_t *o = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, &e);

	if (!o)
		ims_flaw(why, -IMS_E_USAGE, "no JSON, at byte %d: %s",
			 e.position,
			 ims_printable(ims_str(e.text), shown, sizeof shown));
	else if (!json_is_object(o))
		ims_flaw(why, -IMS_E_USAGE, "a request is a JSON object");
	if (json_is_object(o))
		return o;
	json_decref(o);
	return NULL;
}

int ims_ctl_req_parse(struct ims_str line, struct ims_ctl_req *out,
		      struct ims_flaw *why)
{
	struct ims_ctl_req r = {0};
	json_t *o = load(line, why);
	int err;

	if (!o)
		return -IMS_E_USAGE;
	err = take_id(o, &r, why);
	if (!err)
		err = take_all(o, &r, why);
	json_decref(o);
	if (!err) {
		*out = r;
		return 0;
	}
	out->has_id = r.has_id;
	out->id = r.id;
	return err;
}
