/* SPDX-License-Identifier: BSD-2-Clause */
/* test_net_life.c - hard lifetimes of real SAs: whoever does ESP ends them by
 * itself, and says so.
 *
 * With IMS_NET_IPSEC=kernel the kernel's.
 */
#include "net_lab.h"

#include "io_xfrm.h"

static const struct ims_ipsec_suite sha_aes = {IMS_ALG_HMAC_SHA1,
					       IMS_EALG_AES_CBC};

static bool kernel(void)
{
	return lab_ipsec() == IMS_IPSEC_KERNEL;
}

static void made(struct lab *lab, uint32_t life_s)
{
	lab_up(lab, 6);
	lab_hold(lab);
	lab_secure_for(lab, 5, sha_aes, life_s);
}

static void pass(struct lab *lab)
{
	struct ims_str text = lab_text(100, "life");
	struct ims_flow f = lab_flow(lab, UE, PORT_UC, PORT_PS, IMS_UDP, 5);

	lab_pass(lab, UE, &f, text);
	free((void *)text.p);
}

static void no_states(struct lab *lab)
{
	for (int i = 0; kernel() && i < 2; i++) {
		char *left = lab_shell(lab, i, "ip xfrm state");

		assert_string_equal(left, "");
		free(left);
	}
}

/* Both sides are told of set 5 within so many ms, and remove it. */
static void both_are_told(struct lab *lab, unsigned ms)
{
	struct ims_ipsec_count c[IMS_N_ARROWS];

	for (int i = 0; i < 2; i++) {
		struct ims_host *h = lab->host[i];

		assert_true(lab_wait(lab, &lab->heard[i].gone, 1, ms));
		assert_int_equal(lab->heard[i].gone_set, 5);
		assert_int_equal(h->ops->sa_count(h, 5, c), -IMS_E_NOTFOUND);
		h->ops->sa_del(h, 5);
	}
}

static void a_set_ends_by_itself_and_that_is_told(void **state)
{
	struct lab lab;

	made(&lab, 2);
	pass(&lab);
	assert_int_equal(lab.heard[UE].gone + lab.heard[NET].gone, 0);
	both_are_told(&lab, 8000);
	no_states(&lab);
	lab_down(&lab);
}

static void a_longer_life_counts_from_now(void **state)
{
	struct lab lab;

	made(&lab, 3);
	for (int i = 0; i < 2; i++)
		lab.host[i]->ops->sa_life(lab.host[i], 5, 600);
	ims_io_loop_run_for(lab.loop, 5000);
	assert_int_equal(lab.heard[UE].gone + lab.heard[NET].gone, 0);
	pass(&lab);
	lab_down(&lab);
}

static void a_shorter_life_ends_it_sooner(void **state)
{
	struct lab lab;

	made(&lab, 600);
	pass(&lab);
	for (int i = 0; i < 2; i++)
		lab.host[i]->ops->sa_life(lab.host[i], 5, 1);
	both_are_told(&lab, 8000);
	no_states(&lab);
	lab_down(&lab);
}

/* What the UE would send then must not leave in clear; in the end the policies
 * go, too.
 */
static void policies_outlive_the_states_a_little(void **state)
{
	struct ims_flaw why;
	struct ims_ipsec_backend *b;
	struct ims_io_backend_conf conf = {.rnd = ims_rand_system()};
	struct ims_ipsec_set set;
	struct lab lab;
	char *seen;

	if (!kernel())
		skip();
	lab_up(&lab, 6);
	conf.netns = lab.ns[UE];
	conf.ip = lab.ip[UE];
	assert_int_equal(ims_io_xfrm_new(&conf, &b, &why), 0);
	set = lab_set(&lab, UE, 5, sha_aes);
	set.life_s = 600;
	assert_int_equal(b->ops->add(b, &set, &why), 0);
	assert_int_equal(b->ops->life(b, 5, 1), 0);
	ims_io_loop_run_for(lab.loop, 5000);
	no_states(&lab);
	seen = lab_shell(&lab, UE, "ip xfrm policy");
	assert_non_null(strstr(seen, "38003"));
	free(seen);
	ims_io_loop_run_for(lab.loop, 10000);
	seen = lab_shell(&lab, UE, "ip xfrm policy");
	assert_string_equal(seen, "");
	free(seen);
	b->ops->free(b);
	lab_down(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_ends_by_itself_and_that_is_told),
		cmocka_unit_test(a_longer_life_counts_from_now),
		cmocka_unit_test(a_shorter_life_ends_it_sooner),
		cmocka_unit_test(policies_outlive_the_states_a_little),
	};

	if (!lab_possible())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
