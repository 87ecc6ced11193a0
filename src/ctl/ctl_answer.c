/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl_answer.c - one request in, one answer out: which commands there are. */
#include "ctl_answer.h"

#include <stdlib.h>
#include <string.h>

static int no_run(void *arg, const struct ims_ctl_req *req, json_t *answer,
		  struct ims_flaw *why)
{
	(void)arg;
	(void)req;
	(void)answer;
	(void)why;
	return 0;
}

/* Every program has these. */
static const struct ims_ctl_cmd always[] = {
	{"watch", "events as they come", 0, 0, no_run},
	{"help", "this list", 0, 0, no_run},
};
#define N_ALWAYS (sizeof always / sizeof *always)

static const struct ims_ctl_cmd *nth(const struct ims_ctl_cmds *c, size_t i)
{
	return i < c->n ? &c->cmd[i] : &always[i - c->n];
}

static const struct ims_ctl_cmd *find(const struct ims_ctl_cmds *c,
				      const char *name)
{
	for (size_t i = 0; i < c->n + N_ALWAYS; i++)
		if (strcmp(nth(c, i)->name, name) == 0)
			return nth(c, i);
	return NULL;
}

static int unknown(const struct ims_ctl_cmds *c, const char *name,
		   struct ims_flaw *why)
{
	char list[160];
	struct ims_buf b;

	ims_buf_init(&b, list, sizeof list);
	for (size_t i = 0; i < c->n + N_ALWAYS; i++)
		ims_buf_printf(&b, "%s%s", i ? ", " : "", nth(c, i)->name);
	return ims_flaw(why, -IMS_E_USAGE, "\"%s\" is no command of a %s: %s",
			name, c->role, ims_buf_cstr(&b));
}

/* Exactly the keys that the command has. */
static int check_keys(const struct ims_ctl_cmd *cmd,
		      const struct ims_ctl_req *req, struct ims_flaw *why)
{
	unsigned missing = cmd->needs & ~req->given;
	unsigned too_much = req->given & ~(cmd->needs | cmd->takes);

	for (unsigned i = 0; i < IMS_CTL_N_KEYS; i++) {
		if (missing & 1u << i)
			return ims_flaw(why, -IMS_E_USAGE,
					"%s: \"%s\" is missing", cmd->name,
					ims_ctl_key_name(i));
		if (too_much & 1u << i)
			return ims_flaw(why, -IMS_E_USAGE, "%s takes no \"%s\"",
					cmd->name, ims_ctl_key_name(i));
	}
	return 0;
}

json_t *ims_ctl_text(struct ims_str s)
{
	char *shown;
	json_t *o;

	if (!s.n)
		return json_null();
	o = json_stringn(s.p, s.n);
	if (o)
		return o; /* well-formed UTF-8 */
	shown = malloc(s.n * 4 + 1);
	if (!shown)
		return NULL;
	o = json_string(ims_printable(s, shown, s.n * 4 + 1));
	free(shown);
	return o;
}

char *ims_ctl_line(json_t *o, size_t *n)
{
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	size_t len = text ? strlen(text) : 0;
	char *line = text ? realloc(text, len + 2) : NULL;

	json_decref(o);
	if (!line) {
		free(text);
		return NULL;
	}
	line[len] = '\n';
	line[len + 1] = '\0';
	*n = len + 1;
	return line;
}

static json_t *names(unsigned keys)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < IMS_CTL_N_KEYS; i++)
		if (keys & 1u << i)
			json_array_append_new(list,
					      json_string(ims_ctl_key_name(i)));
	return list;
}

static void put_help(const struct ims_ctl_cmds *c, json_t *answer)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->n + N_ALWAYS; i++) {
		const struct ims_ctl_cmd *cmd = nth(c, i);

		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:o, s:o}", "cmd",
						cmd->name, "about", cmd->about,
						"needs", names(cmd->needs),
						"takes", names(cmd->takes)));
	}
	json_object_set_new(answer, "commands", list);
}

static json_t *head(const struct ims_ctl_req *req, bool ok)
{
	json_t *o = json_object();

	json_object_set_new(o, "v", json_integer(IMS_CTL_VERSION));
	if (req && req->has_id)
		json_object_set_new(o, "id", json_integer(req->id));
	json_object_set_new(o, "ok", json_boolean(ok));
	if (req && *req->cmd)
		json_object_set_new(o, "cmd", json_string(req->cmd));
	return o;
}

static char *refusal(const struct ims_ctl_req *req, int err, const char *text,
		     size_t *n)
{
	const struct ims_err_info *info = ims_err_info(err);
	json_t *o = head(req, false);

	json_object_set_new(
		o, "error",
		json_pack("{s:s, s:i, s:o, s:s, s:s}", "id", info->id, "exit",
			  (int)info->exit, "text",
			  ims_ctl_text(ims_str(*text ? text : info->what)),
			  "cause", info->cause, "next", info->next));
	return ims_ctl_line(o, n);
}

char *ims_ctl_refusal(int err, const char *text, size_t *n)
{
	return refusal(NULL, err, text, n);
}

static bool is(const struct ims_ctl_cmd *cmd, const char *name)
{
	return strcmp(cmd->name, name) == 0;
}

static int perform(const struct ims_ctl_cmds *c, const struct ims_ctl_req *req,
		   bool may_watch, json_t *answer, struct ims_flaw *why)
{
	const struct ims_ctl_cmd *cmd = find(c, req->cmd);
	int err;

	if (!cmd)
		return unknown(c, req->cmd, why);
	err = check_keys(cmd, req, why);
	if (err)
		return err;
	if (is(cmd, "watch") && !may_watch)
		return ims_flaw(why, -IMS_E_CTL_BUSY, "too many watch already");
	if (is(cmd, "help"))
		put_help(c, answer);
	return cmd->run(c->arg, req, answer, why);
}

char *ims_ctl_answer(const struct ims_ctl_cmds *c, struct ims_str line,
		     bool may_watch, bool *watch, size_t *n)
{
	struct ims_ctl_req req = {0};
	struct ims_flaw why = {0};
	json_t *answer = NULL;
	int err = ims_ctl_req_parse(line, &req, &why);

	*watch = false;
	if (!err) {
		answer = head(&req, true);
		json_object_set_new(answer, "role", json_string(c->role));
		err = perform(c, &req, may_watch, answer, &why);
	}
	if (!err) {
		*watch = strcmp(req.cmd, "watch") == 0;
		return ims_ctl_line(answer, n);
	}
	json_decref(answer);
	return refusal(&req, err, why.text, n);
}
