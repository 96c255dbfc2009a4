/* What kernels take: instruction families, stored number formats, weight matrices, panels. */
#ifndef UNIMOE_KERNEL_TYPES_H
#define UNIMOE_KERNEL_TYPES_H

#include <stddef.h>

typedef enum umk_path { UMK_PATH_PORTABLE = 0, UMK_PATH_AVX2 = 1, UMK_PATH_AVX512 = 2 } umk_path;

typedef enum umk_dtype { UMK_F32 = 0, UMK_F16 = 1, UMK_BF16 = 2 } umk_dtype;

/* A weight matrix W[rows][columns] in a checkpoint. */
typedef struct umk_matrix {
  const void *data;
  size_t rows;    /* output features */
  size_t columns; /* input features */
  umk_dtype dtype;
} umk_matrix;

#define UMK_PANEL 16 /* output features per packed panel, on every path */

#endif
