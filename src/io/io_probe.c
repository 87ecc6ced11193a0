/* SPDX-License-Identifier: BSD-2-Clause */
/* io_probe.c - trying what this machine can do, and choosing. */
#include "io_probe.h"

#include <string.h>
#include <unistd.h>

#include "io_netns.h"
#include "io_tun.h"
#include "io_xfrm.h"

static const char *const names[] = {
	[IMS_IPSEC_AUTO] = "auto",
	[IMS_IPSEC_KERNEL] = "kernel",
	[IMS_IPSEC_USERSPACE] = "userspace",
	[IMS_IPSEC_NONE] = "none",
};

int ims_io_ipsec_find(struct ims_str word)
{
	for (int i = 0; i <= IMS_IPSEC_NONE; i++)
		if (ims_str_caseeq(word, ims_str(names[i])))
			return i;
	return -1;
}

int ims_io_probe_tun(int netns, struct ims_flaw *why)
{
	char name[IMS_IO_DEV] = "ims%d";
	int back, fd, err = ims_io_netns_enter(netns, &back, why);

	if (err)
		return err;
	fd = ims_io_tun_open(name, why);
	ims_io_netns_leave(back);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int take_auto(const struct ims_io_backend_conf *conf,
		     struct ims_ipsec_backend **out, struct ims_flaw *why)
{
	struct ims_flaw no = {0};
	int err = ims_io_probe_kernel(conf->netns, conf->ip.family, &no);

	if (!err)
		err = ims_io_xfrm_new(conf, out, &no);
	if (!err) {
		ims_flaw(why, 0, "it has ESP");
		return 0;
	}
	err = ims_io_tun_new(conf, out, why);
	if (!err)
		ims_flaw(why, 0, "%s",
			 no.err == -IMS_E_NO_ESP ? ims_err_info(no.err)->what
						 : no.text);
	return err;
}

int ims_io_backend_new(const struct ims_io_backend_conf *conf,
		       enum ims_io_ipsec want, struct ims_ipsec_backend **out,
		       struct ims_flaw *why)
{
	int err;

	switch (want) {
	case IMS_IPSEC_NONE:
		*out = NULL;
		ims_flaw(why, 0, "as asked for");
		return 0;
	case IMS_IPSEC_KERNEL:
		err = ims_io_probe_kernel(conf->netns, conf->ip.family, why);
		if (!err)
			err = ims_io_xfrm_new(conf, out, why);
		break;
	case IMS_IPSEC_USERSPACE:
		err = ims_io_tun_new(conf, out, why);
		break;
	default:
		return take_auto(conf, out, why);
	}
	if (!err)
		ims_flaw(why, 0, "as asked for");
	return err;
}
