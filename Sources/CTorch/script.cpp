#include <c10/core/GradMode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/export.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "shim.hpp"

namespace {

namespace jit = torch::jit;

// Where a module of this name hangs below another; made if there is none. Its class is named after its path:
// the analysis of aliases takes classes of one name for one class, and one that contains itself for no end.
jit::Module child(jit::Module parent, const std::string &name, std::string path) {
  if (parent.hasattr(name)) return parent.attr(name).toModule();
  std::replace(path.begin(), path.end(), '.', '_');
  jit::Module made("Layers_" + path);
  parent.register_module(name, made);
  return made;
}

// Puts a tensor below the modules that its name, "model.1.weight", leads through.
void put(const jit::Module &root, const std::string &name, const at::Tensor &tensor, bool is_parameter) {
  jit::Module module = root;
  size_t start = 0;
  for (size_t dot; (dot = name.find('.', start)) != std::string::npos; start = dot + 1)
    module = child(module, name.substr(start, dot - start), name.substr(0, dot));
  // It shares the network's storage, which nothing changes while the module is there.
  const at::Tensor own = tensor.detach();
  if (is_parameter)
    module.register_parameter(name.substr(start), own, false);
  else
    module.register_buffer(name.substr(start), own);
}

}  // namespace

ctorch_status ctorch_script_save(const char *source, const char *const *names,
                                 const ctorch_tensor *const *tensors, const bool *are_parameters, int32_t count,
                                 const char *note_name, const char *note, ctorch_sink sink, void *context,
                                 char **message) {
  return guarded(message, [&] {
    jit::Module module("Generator");
    for (int32_t i = 0; i < count; ++i) put(module, names[i], plain(tensors[i]), are_parameters[i]);
    module.define(source);
    module.eval();
    // Always says that all was taken: libtorch ends the program where the end of an archive cannot be written.
    const auto write = [&](const void *bytes, size_t length) {
      sink(context, bytes, length);
      return length;
    };
    jit::ExportModule(module, write, {{note_name, note}});
  });
}

struct ctorch_module {
  jit::Module values;
};

ctorch_status ctorch_script_load(const char *path, ctorch_device device, ctorch_module **result,
                                 char **message) {
  return guarded(message, [&] {
    jit::Module module = jit::load(path, device_of(device));
    module.eval();
    *result = new ctorch_module{std::move(module)};
  });
}

void ctorch_module_release(ctorch_module *module) { delete module; }

bool ctorch_module_takes(const ctorch_module *module, const char *argument) {
  const auto forward = module->values.find_method("forward");
  return forward && forward->function().getSchema().argumentIndexWithName(argument).has_value();
}

ctorch_status ctorch_module_run(const ctorch_module *module, const ctorch_tensor *const *inputs, int32_t count,
                                const char *const *names, const bool *values, int32_t named_count,
                                ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    const c10::NoGradGuard guard;
    std::vector<c10::IValue> tensors;
    for (int32_t i = 0; i < count; ++i) tensors.emplace_back(plain(inputs[i]));
    std::unordered_map<std::string, c10::IValue> named;
    for (int32_t i = 0; i < named_count; ++i) named.emplace(names[i], values[i]);
    const c10::IValue output = module->values.get_method("forward")(std::move(tensors), named);
    TORCH_CHECK(output.isTensor(), "it returns no tensor but ", output.tagKind());
    return output.toTensor();
  });
}
