/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_sip.c - messages parsed, with all that a registration reads of them:
 * Via, From, To, Contact with its parameters, Route, Authorization,
 * Security-*, Expires and the lists of option tags.
 */
#include "bench.h"
#include "sip_addr.h"
#include "sip_auth.h"
#include "sip_event.h"
#include "sip_sec.h"
#include "sip_via.h"

#include <string.h>

static char mem[4][4096];

/* The message from tests/data/seed, found from the checkout or from a build
 * directory in it.
 */
static struct ims_str load(const char *name, char text[static 4096])
{
	const char *const dirs[] = {getenv("IMS_TEST_DATA"), "tests/data",
				    "../tests/data"};
	size_t n = 0;

	for (size_t i = 0; i < sizeof dirs / sizeof *dirs && n == 0; i++) {
		char path[1024];
		FILE *f;

		snprintf(path, sizeof path, "%s/seed/%s",
			 dirs[i] ? dirs[i] : ".", name);
		f = fopen(path, "rb");
		if (!f)
			continue;
		n = fread(text, 1, 4096, f);
		fclose(f);
	}
	if (n == 0) {
		fprintf(stderr, "tests/data/seed/%s: not found\n", name);
		exit(1);
	}
	return ims_str_n(text, n);
}

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void read_addresses(const struct ims_sip_msg *m)
{
	struct ims_sip_addr a;
	struct ims_sip_param p;
	struct ims_sip_via via;
	int n = 0;

	must(ims_sip_via_top(m, &via) == 0);
	must(ims_sip_addr_get(m, IMS_SIP_FROM, &a) == 0);
	must(ims_sip_param_find(a.params, "tag", &p));
	must(ims_sip_addr_get(m, IMS_SIP_TO, &a) == 0);
	if (ims_sip_has(m, IMS_SIP_CONTACT)) {
		must(ims_sip_addr_get(m, IMS_SIP_CONTACT, &a) == 0);
		while (ims_sip_param_next(&a.params, &p))
			n++;
		bench_keep(&n);
	}
	if (ims_sip_has(m, IMS_SIP_ROUTE))
		must(ims_sip_addr_get(m, IMS_SIP_ROUTE, &a) == 0);
	bench_keep(&a);
	bench_keep(&via);
}

static void read_security(const struct ims_sip_msg *m)
{
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	struct ims_sip_auth auth;
	size_t n;

	if (ims_sip_has(m, IMS_SIP_AUTHORIZATION))
		must(ims_sip_auth_get(m, IMS_SIP_AUTHORIZATION, &auth) == 0);
	if (ims_sip_has(m, IMS_SIP_SECURITY_CLIENT))
		must(ims_sip_sec_get(m, IMS_SIP_SECURITY_CLIENT, list,
				     IMS_SIP_SEC_MAX, &n, NULL) == 0);
	bench_keep(list);
	if (ims_sip_has(m, IMS_SIP_SECURITY_VERIFY))
		must(ims_sip_sec_get(m, IMS_SIP_SECURITY_VERIFY, list,
				     IMS_SIP_SEC_MAX, &n, NULL) == 0);
	bench_keep(list);
	bench_keep(&auth);
}

static void read_rest(const struct ims_sip_msg *m)
{
	struct ims_sip_event event;
	struct ims_sip_sub_state state;
	uint32_t expires;

	ims_sip_number(m, IMS_SIP_EXPIRES, &expires);
	if (m->method == IMS_SIP_REGISTER)
		must(ims_sip_lists(m, IMS_SIP_REQUIRE, "sec-agree"));
	if (m->method != IMS_SIP_NOTIFY)
		return;
	must(ims_sip_event_parse(ims_sip_get(m, IMS_SIP_EVENT), &event) == 0);
	must(ims_sip_sub_state_parse(ims_sip_get(m, IMS_SIP_SUBSCRIPTION_STATE),
				     &state) == 0);
	bench_keep(&state);
}

static void messages(const char *what, const char *only, struct ims_str bytes,
		     bool full, uint64_t n)
{
	static struct ims_sip_msg m;
	uint64_t start = bench_ns();

	if (only && strcmp(only, what) != 0)
		return;
	for (uint64_t i = 0; i < n; i++) {
		must(ims_sip_msg_parse(bytes, &m, NULL) == 0);
		bench_keep(&m);
		if (!full)
			continue;
		read_addresses(&m);
		read_security(&m);
		read_rest(&m);
	}
	bench_say(what, start, n);
}

int main(int argc, char **argv)
{
	uint64_t n = bench_rounds(argc, argv, 100000);
	const char *only = bench_only(argc, argv);
	struct ims_str first = load("1-register.sip", mem[0]);
	struct ims_str second = load("3-register-protected.sip", mem[1]);
	struct ims_str notify = load("7-notify.sip", mem[2]);

	messages("REGISTER 1 split and checked", only, first, false, n);
	messages("REGISTER 1 read whole", only, first, true, n);
	messages("REGISTER 3 split and checked", only, second, false, n);
	messages("REGISTER 3 read whole", only, second, true, n);
	messages("NOTIFY split and checked", only, notify, false, n);
	messages("NOTIFY read whole", only, notify, true, n);
	return 0;
}
