/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl.c - the control socket: requests are answered, events handed out. */
#include "ctl.h"

#include <stdlib.h>
#include <string.h>

#include "base_list.h"

struct ims_ctl {
	struct ims_ctl_cmds cmds;
	struct ims_io_unix *socket;
	struct ims_list watchers;
	size_t n_watchers;
};

/* A connection that wants the events: its talk's user. */
struct watcher {
	struct ims_list node;
	struct ims_io_talk *talk;
	uint64_t lost;
};

/* --- events -------------------------------------------------------------- */

static void put_time(json_t *o)
{
	json_object_set_new(o, "time_ms",
			    json_integer((json_int_t)ims_io_wall_ms()));
}

/* The count comes before what follows it. */
static void tell_lost(struct watcher *w)
{
	size_t n;
	json_t *o = json_pack("{s:i, s:s, s:I}", "v", IMS_CTL_VERSION, "event",
			      "lost", "n", (json_int_t)w->lost);
	char *line;

	put_time(o);
	line = ims_ctl_line(o, &n);
	if (line)
		w->lost = 0;
	/* last, since it may end the connection */
	if (line)
		(void)ims_io_talk_send(w->talk, (struct ims_str){line, n});
	free(line);
}

static void hand(struct watcher *w, struct ims_str line)
{
	size_t waiting = ims_io_talk_waiting(w->talk);

	/* Who lost some is told so first: see drained(). */
	if (w->lost || waiting + line.n > IMS_CTL_WATCH_QUEUE)
		w->lost++;
	else
		(void)ims_io_talk_send(w->talk, line);
}

static void hand_all(struct ims_ctl *c, json_t *o)
{
	size_t n;
	char *line = ims_ctl_line(o, &n);

	ims_list_each (node, &c->watchers) {
		struct watcher *w = ims_container(node, struct watcher, node);

		if (line)
			hand(w, (struct ims_str){line, n});
		else
			w->lost++;
	}
	free(line);
}

void ims_ctl_event(struct ims_ctl *c, enum ims_level level, const char *event,
		   const char *id, const char *text)
{
	json_t *o;

	if (!c || !c->n_watchers)
		return;
	o = json_pack("{s:i, s:s, s:s, s:o}", "v", IMS_CTL_VERSION, "event",
		      event, "level", ims_level_name(level), "text",
		      ims_ctl_text(ims_str(text)));
	if (id)
		json_object_set_new(o, "id", json_string(id));
	put_time(o);
	hand_all(c, o);
}

size_t ims_ctl_watchers(const struct ims_ctl *c)
{
	return c ? c->n_watchers : 0;
}

/* --- connections --------------------------------------------------------- */

static void start_watching(struct ims_ctl *c, struct ims_io_talk *t)
{
	struct watcher *w = t->user ? NULL : calloc(1, sizeof *w);

	if (!w)
		return; /* again; or no memory: no events */
	w->talk = t;
	t->user = w;
	t->patient = true;
	ims_list_add(&c->watchers, &w->node);
	c->n_watchers++;
}

static void on_line(void *arg, struct ims_io_talk *t, struct ims_str line)
{
	struct ims_ctl *c = arg;
	bool watch, may = t->user || c->n_watchers < IMS_CTL_WATCHERS;
	size_t n;
	char *answer = ims_ctl_answer(&c->cmds, line, may, &watch, &n);

	if (answer && ims_io_talk_send(t, (struct ims_str){answer, n})) {
		free(answer);
		answer = ims_ctl_refusal(-IMS_E_TOOBIG,
					 "the answer is too long", &n);
		watch = false;
		if (answer)
			(void)ims_io_talk_send(t, (struct ims_str){answer, n});
	}
	free(answer);
	if (watch)
		start_watching(c, t);
}

static void on_drained(void *arg, struct ims_io_talk *t)
{
	struct watcher *w = t->user;

	(void)arg;
	if (w && w->lost)
		tell_lost(w);
}

static void on_closed(void *arg, struct ims_io_talk *t)
{
	struct ims_ctl *c = arg;
	struct watcher *w = t->user;

	if (!w)
		return;
	ims_list_del(&w->node);
	c->n_watchers--;
	free(w);
}

static void on_farewell(void *arg, int err, char *out, size_t cap)
{
	static const char *const texts[] = {"too many connections",
					    "you are neither our user nor root",
					    "a request has at most 64 KiB"};
	size_t n;
	char *line = ims_ctl_refusal(err,
				     texts[err == -IMS_E_CTL_BUSY ? 0
					   : err == -IMS_E_RIGHTS ? 1
								  : 2],
				     &n);

	(void)arg;
	if (line)
		(void)ims_str_copy(out, cap, (struct ims_str){line, n});
	free(line);
}

/* --- from beginning to end ----------------------------------------------- */

int ims_ctl_new(struct ims_io_loop *l, const char *path,
		const struct ims_ctl_cmds *cmds, struct ims_ctl **out,
		struct ims_flaw *why)
{
	struct ims_ctl *c = calloc(1, sizeof *c);
	struct ims_io_unix_up up = {.line = on_line,
				    .drained = on_drained,
				    .closed = on_closed,
				    .farewell = on_farewell,
				    .arg = c};
	int err;

	if (!c)
		return ims_flaw(why, -IMS_E_NOMEM, "no memory");
	c->cmds = *cmds;
	ims_list_init(&c->watchers);
	err = ims_io_unix_new(l, path, NULL, &up, &c->socket, why);
	if (err) {
		free(c);
		return err;
	}
	*out = c;
	return 0;
}

void ims_ctl_free(struct ims_ctl *c)
{
	json_t *o;

	if (!c)
		return;
	o = json_pack("{s:i, s:s}", "v", IMS_CTL_VERSION, "event", "end");
	put_time(o);
	hand_all(c, o);
	ims_io_unix_free(c->socket);
	free(c);
}
