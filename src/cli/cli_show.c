/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_show.c - messages as they pass: a ladder for people, JSON for scripts. */
#include "cli_show.h"

#include "base_trace.h"
#include "sip_msg.h"

#include <jansson.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static unsigned terminal_width(void)
{
	struct winsize w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0)
		return w.ws_col;
	return 0;
}

void ims_cli_show_init(struct ims_cli_show *s, bool json)
{
	const char *term = getenv("TERM");
	bool tty = isatty(STDOUT_FILENO) == 1;
	bool color =
		tty && term && strcmp(term, "dumb") != 0 && !getenv("NO_COLOR");
	bool utf8;

	setlocale(LC_CTYPE, "");
	utf8 = !tty || strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	memset(s, 0, sizeof *s);
	s->json = json;
	ims_ladder_init(&s->ladder, color, utf8);
	s->ladder.width = terminal_width();
}

static json_t *addr(struct ims_addr a)
{
	char text[IMS_ADDR_TEXT];

	return json_string(ims_addr_text(a, text));
}

static void print(json_t *o)
{
	if (!o)
		return;
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(o);
}

/* Method and status: of a response both, of a request only the method. */
static void add_kind(json_t *o, struct ims_str bytes)
{
	struct ims_sip_msg *m = malloc(sizeof *m);
	char method[64];

	if (m && !ims_sip_msg_parse(bytes, m, NULL)) {
		ims_printable(m->method_text, method, sizeof method);
		json_object_set_new(o, "method", json_string(method));
		json_object_set_new(o, "status",
				    m->request ? json_null()
					       : json_integer(m->status));
	}
	free(m);
}

static void message_json(const struct ims_sight *m, const struct ims_step *step,
			 uint64_t wall_ms)
{
	json_t *o =
		json_pack("{s:i, s:s, s:I, s:i, s:s, s:s}", "v", 1, "event",
			  "message", "time_ms", (json_int_t)wall_ms, "step",
			  (int)step->step, "from", m->from_ue ? "ue" : "p-cscf",
			  "to", m->from_ue ? "p-cscf" : "ue");

	if (!o)
		return;
	add_kind(o, m->bytes);
	json_object_set_new(o, "transport",
			    json_string(m->transport == IMS_TCP ? "tcp"
								: "udp"));
	json_object_set_new(o, "src", addr(m->src));
	json_object_set_new(o, "dst", addr(m->dst));
	json_object_set_new(o, "protected", json_boolean(m->spi != 0));
	json_object_set_new(o, "spi",
			    m->spi ? json_integer(m->spi) : json_null());
	json_object_set_new(o, "sa",
			    step->arrow < 0
				    ? json_null()
				    : json_string(ims_arrow_name(
					      (enum ims_arrow)step->arrow)));
	json_object_set_new(o, "note", json_string(step->note));
	json_object_set_new(o, "ok", json_boolean(step->err == 0));
	if (step->err)
		json_object_set_new(o, "why", json_string(step->why));
	print(o);
}

void ims_cli_show_message(struct ims_cli_show *s, unsigned number,
			  const struct ims_sight *m,
			  const struct ims_step *step,
			  const struct ims_secagree *agreed, uint64_t wall_ms)
{
	char line[4096];
	struct ims_buf b;

	if (s->json) {
		message_json(m, step, wall_ms);
		return;
	}
	ims_buf_init(&b, line, sizeof line);
	ims_ladder_put(&b, &s->ladder, number, m, step, agreed);
	fputs(ims_buf_cstr(&b), stdout);
	fflush(stdout);
}

void ims_cli_show_result(bool ok, int err, const char *why, unsigned messages)
{
	print(json_pack("{s:i, s:s, s:b, s:i, s:s, s:s}", "v", 1, "event",
			"result", "ok", ok, "messages", (int)messages, "id",
			ok ? "ok" : ims_err_info(err)->id, "why",
			why ? why : ""));
}
