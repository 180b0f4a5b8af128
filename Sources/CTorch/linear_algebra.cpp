#include "shim.hpp"

ctorch_status ctorch_matrix_product(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **result,
                                    char **message) {
  return guarded_tensor(result, message, [&] { return at::mm(plain(a), plain(b)); });
}

ctorch_status ctorch_triangular_factor(const ctorch_tensor *a, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return std::get<1>(at::linalg_qr(plain(a), "r")); });
}

ctorch_status ctorch_singular_values(const ctorch_tensor *a, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return at::linalg_svdvals(plain(a)); });
}

ctorch_status ctorch_rows(const ctorch_tensor *a, const int64_t *places, int64_t count, ctorch_tensor **result,
                          char **message) {
  return guarded_tensor(result, message, [&] {
    const at::Tensor rows = plain(a);
    const at::Tensor index =
        at::from_blob(const_cast<int64_t *>(places), {count}, at::TensorOptions().dtype(at::kLong));
    return at::index_select(rows, 0, index.to(rows.device()));
  });
}

ctorch_status ctorch_less(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **result,
                          char **message) {
  return guarded_tensor(result, message, [&] {
    const at::Tensor left = plain(a);
    return at::lt(left, plain(b)).to(left.scalar_type());
  });
}
