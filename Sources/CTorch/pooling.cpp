#include "shim.hpp"

ctorch_status ctorch_conv2d_rectangular(const ctorch_tensor *x, const ctorch_tensor *weight,
                                        const ctorch_tensor *bias, int64_t stride, int64_t vertical_padding,
                                        int64_t horizontal_padding, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    return at::conv2d(plain(x), plain(weight), plain_if_present(bias), {stride, stride},
                      {vertical_padding, horizontal_padding});
  });
}

ctorch_status ctorch_max_pool2d(const ctorch_tensor *x, int64_t size, int64_t stride, int64_t padding,
                                ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    return at::max_pool2d(plain(x), {size, size}, {stride, stride}, {padding, padding});
  });
}

ctorch_status ctorch_average_pool2d(const ctorch_tensor *x, int64_t size, int64_t stride, int64_t padding,
                                    ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    return at::avg_pool2d(plain(x), {size, size}, {stride, stride}, {padding, padding}, /*ceil_mode=*/false,
                          /*count_include_pad=*/false);
  });
}

ctorch_status ctorch_resize_bilinear(const ctorch_tensor *x, int64_t height, int64_t width,
                                     ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    return at::upsample_bilinear2d(plain(x), {height, width}, /*align_corners=*/false, c10::nullopt,
                                   c10::nullopt);
  });
}
