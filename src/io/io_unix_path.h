/* SPDX-License-Identifier: BSD-2-Clause */
/* io_unix_path.h - where the control sockets of this machine are.
 *
 * In $IMSREG_RUN_DIR if that is set; else in /run/imsreg for root, and in
 * $XDG_RUNTIME_DIR/imsreg for everybody else.  Names end with ".sock".
 */
#ifndef IMS_IO_UNIX_PATH_H
#define IMS_IO_UNIX_PATH_H

#include "base_err.h"

#include <stddef.h>

/* Fits a socket's address. */
#define IMS_IO_UNIX_PATH 108

/* The path for this name; its folder is made if it is not there.  Letters,
 * digits and -_. stay as they are in the name, the rest becomes '_'.
 * -IMS_E_NOFILE (no folder is known), -IMS_E_RANGE (too long), -IMS_E_RIGHTS,
 * -IMS_E_SYS.
 */
int ims_io_unix_path(const char *name, char out[static IMS_IO_UNIX_PATH],
		     struct ims_flaw *why);

/* The sockets in all of our folders at which somebody listens whom we may talk
 * to, sorted; how many there are: at most max are written.
 */
size_t ims_io_unix_find(char out[][IMS_IO_UNIX_PATH], size_t max);

#endif
