/* SPDX-License-Identifier: BSD-2-Clause */
/* test_reg_watch.c - full and partial documents, gaps and late ones. */
#include "reg_watch.h"

#include "test.h"

static int take(struct ims_reg_watch *w, uint32_t version, bool full,
		const char *regs)
{
	struct ims_reginfo r;
	char xml[4096];
	int rc;

	snprintf(xml, sizeof xml,
		 "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" "
		 "version=\"%u\" state=\"%s\">%s</reginfo>",
		 version, full ? "full" : "partial", regs);
	assert_int_equal(ims_reginfo_parse(ims_str(xml), &r, NULL), 0);
	rc = ims_reg_watch_take(w, &r);
	ims_reginfo_free(&r);
	return rc;
}

#define REG(id, state, contacts)                                        \
	"<registration aor=\"sip:" id "\" id=\"" id "\" state=\"" state \
	"\">" contacts "</registration>"
#define CON(id, state, event)                                            \
	"<contact id=\"" id "\" state=\"" state "\" event=\"" event "\"" \
	" expires=\"60\"><uri>sip:" id "@h</uri></contact>"

static const struct ims_reg_watch_row *find(const struct ims_reg_watch *w,
					    const char *reg,
					    const char *contact)
{
	return ims_reg_watch_find(w, ims_str(reg), ims_str(contact));
}

static void full_state_replaces_all(void **state)
{
	struct ims_reg_watch w = {0};

	assert_int_equal(take(&w, 0, true,
			      REG("a", "active",
				  CON("1", "active", "registered"))),
			 IMS_REG_WATCH_TAKEN);
	assert_int_equal(w.n_rows, 2);
	assert_int_equal(find(&w, "a", "1")->expires, 60);
	assert_str(find(&w, "a", "1")->uri, "sip:1@h");
	assert_int_equal(take(&w, 1, true, REG("b", "init", "")),
			 IMS_REG_WATCH_TAKEN);
	assert_int_equal(w.n_rows, 1);
	assert_null(find(&w, "a", ""));
	assert_int_equal(find(&w, "b", "")->state, IMS_REGINFO_INIT);
	ims_reg_watch_free(&w);
}

static void partial_state_changes_its_rows_only(void **state)
{
	struct ims_reg_watch w = {0};

	take(&w, 5, true,
	     REG("a", "active",
		 CON("1", "active", "registered")
			 CON("2", "active", "registered"))
		     REG("b", "active", CON("3", "active", "created")));
	assert_int_equal(w.n_rows, 5);
	assert_int_equal(take(&w, 6, false,
			      REG("a", "active",
				  CON("1", "active", "refreshed")
					  CON("4", "active", "registered"))),
			 IMS_REG_WATCH_TAKEN);
	assert_int_equal(w.n_rows, 6);
	assert_int_equal(find(&w, "a", "1")->event, IMS_REGINFO_REFRESHED);
	assert_non_null(find(&w, "a", "2"));
	assert_non_null(find(&w, "a", "4"));
	assert_non_null(find(&w, "b", "3"));
	take(&w, 7, false,
	     REG("a", "active", CON("2", "terminated", "expired")));
	assert_null(find(&w, "a", "2"));
	take(&w, 8, false, REG("a", "terminated", ""));
	assert_null(find(&w, "a", ""));
	assert_null(find(&w, "a", "1"));
	assert_int_equal(w.n_rows, 2);
	ims_reg_watch_free(&w);
}

static void versions_decide_what_is_taken(void **state)
{
	/* clang-format off */
	static const struct {
		uint32_t have, version;
		bool full;
		int want;
	} cases[] = {
		{7, 8, true, IMS_REG_WATCH_TAKEN},
		{7, 8, false, IMS_REG_WATCH_TAKEN},
		{7, 9, false, IMS_REG_WATCH_GAP},
		{7, 9, true, IMS_REG_WATCH_TAKEN}, /* full: nothing is missing */
		{7, 7, true, IMS_REG_WATCH_OLD},
		{7, 6, true, IMS_REG_WATCH_OLD},
		{7, 0, true, IMS_REG_WATCH_OLD},
		{0, 4294967295u, false, IMS_REG_WATCH_GAP},
		{4294967295u, 0, false, IMS_REG_WATCH_TAKEN},
		{4294967295u, 4294967295u, false, IMS_REG_WATCH_OLD},
		{4294967295u, 1, false, IMS_REG_WATCH_OLD},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct ims_reg_watch w = {0};
		int rc;

		take(&w, cases[i].have, true, "");
		rc = take(&w, cases[i].version, cases[i].full, "");
		if (rc != cases[i].want)
			fail_msg("%u after %u: %d", cases[i].version,
				 cases[i].have, rc);
		assert_int_equal(w.version, rc == IMS_REG_WATCH_OLD
						    ? cases[i].have
						    : cases[i].version);
		ims_reg_watch_free(&w);
	}
}

static void a_first_partial_document_is_a_gap(void **state)
{
	struct ims_reg_watch w = {0};

	assert_int_equal(take(&w, 3, false, REG("a", "active", "")),
			 IMS_REG_WATCH_GAP);
	assert_non_null(find(&w, "a", ""));
	ims_reg_watch_free(&w);
}

static void too_many_rows_are_refused_and_nothing_changes(void **state)
{
	struct ims_reginfo_reg reg[IMS_REG_WATCH_ROWS + 1];
	struct ims_reginfo doc = {.full = true, .version = 1, .reg = reg};
	struct ims_reg_watch w = {0};

	take(&w, 0, true, REG("a", "active", ""));
	for (size_t i = 0; i < N_OF(reg); i++)
		reg[i] = (struct ims_reginfo_reg){.aor = IMS_S("x")};
	doc.n_regs = N_OF(reg);
	assert_int_equal(ims_reg_watch_take(&w, &doc), -IMS_E_TOOBIG);
	assert_int_equal(w.version, 0);
	assert_non_null(find(&w, "a", ""));
	doc.n_regs--;
	assert_int_equal(ims_reg_watch_take(&w, &doc), IMS_REG_WATCH_TAKEN);
	ims_reg_watch_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_state_replaces_all),
		cmocka_unit_test(partial_state_changes_its_rows_only),
		cmocka_unit_test(versions_decide_what_is_taken),
		cmocka_unit_test(a_first_partial_document_is_a_gap),
		cmocka_unit_test(too_many_rows_are_refused_and_nothing_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
