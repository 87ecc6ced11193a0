/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_ctl.c - a request at the control socket: every line has one answer,
 * which is one line of JSON that says yes or no; only what is asked for well
 * gets to a command.
 */
#include <stdlib.h>
#include <string.h>

#include "ctl_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run(void *arg, const struct ims_ctl_req *req, json_t *answer,
	       struct ims_flaw *why)
{
	(void)arg;
	if (!memchr(req->user, 0, sizeof req->user) ||
	    req->reason > IMS_CTL_PROBATION || req->level > IMS_TRACE ||
	    (req->given & IMS_CTL_K_USER && !*req->user))
		abort();
	for (const char *p = req->user; *p; p++)
		if (*p <= ' ' || *p > '~')
			abort();
	json_object_set_new(answer, "user", ims_ctl_text(ims_str(req->user)));
	return req->skip == 7
		       ? ims_flaw(why, -IMS_E_CTL_NOT_REG, "%s", req->user)
		       : 0;
}

#define ALL ((1u << IMS_CTL_N_KEYS) - 1)
static const struct ims_ctl_cmd cmds[] = {
	{"status", "", 0, 0, run},
	{"bindings", "", 0, ALL, run},
	{"dereg", "", IMS_CTL_K_USER, IMS_CTL_K_REASON | IMS_CTL_K_RETRY, run},
	{"log", "", IMS_CTL_K_LEVEL, 0, run},
};

static void check(const char *answer, size_t n)
{
	json_t *o, *error;

	if (!answer)
		abort();
	if (!n || answer[n - 1] != '\n' || strlen(answer) != n ||
	    memchr(answer, '\n', n) != answer + n - 1)
		abort();
	o = json_loadb(answer, n, 0, NULL);
	error = json_object_get(o, "error");
	if (json_integer_value(json_object_get(o, "v")) != 1 ||
	    !json_is_boolean(json_object_get(o, "ok")) ||
	    json_is_true(json_object_get(o, "ok")) == !!error ||
	    (error && !json_is_string(json_object_get(error, "id"))))
		abort();
	json_decref(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ims_ctl_cmds set = {"core", cmds, 4, NULL};
	bool watch;
	size_t n;
	char *answer =
		ims_ctl_answer(&set, ims_str_n(data, size), true, &watch, &n);

	check(answer, n);
	free(answer);
	return 0;
}
