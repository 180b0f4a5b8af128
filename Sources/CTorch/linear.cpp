#include "shim.hpp"

ctorch_status ctorch_linear(const ctorch_tensor *x, const ctorch_tensor *weight, const ctorch_tensor *bias,
                            ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    return at::linear(borrowed(x), borrowed(weight), borrowed_if_present(bias));
  });
}
