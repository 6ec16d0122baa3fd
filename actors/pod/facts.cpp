#include "actors/pod/facts.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "actors/pod/volumes.hpp"

namespace troupe::pod {
namespace {

/// Reads several objects; the last answer completes it.
struct Gathering {
  std::mutex mutex;
  std::size_t open = 1;
  PodFacts facts;
  std::optional<Error> fault;
  std::function<void(Result<PodFacts>)> done;

  /// One answer has come; `use` takes it, under the lock.
  template <class Use>
  void answered(Use use) {
    bool last = false;
    {
      const std::scoped_lock lock(mutex);
      use();
      last = --open == 0;
    }
    if (!last) return;
    if (fault) return done(fail(*fault));
    done(std::move(facts));
  }
};

}  // namespace

void gather_facts(ObjectSource* objects, const PodSpec& spec, std::size_t container, PodFacts known,
                  std::function<void(Result<PodFacts>)> done) {
  auto gathering = std::make_shared<Gathering>();
  gathering->facts = std::move(known);
  gathering->done = std::move(done);
  if (objects != nullptr) {
    const auto references = all_references(spec, spec.containers[container]);
    gathering->open += references.size() + (spec.service_links ? 1 : 0);
    for (const auto& reference : references) {
      objects->data(reference.first, spec.ns, reference.second, [gathering, reference](Result<ObjectData> data) {
        gathering->answered([&] {
          if (data) {
            gathering->facts.objects.emplace(reference, std::move(*data));
          } else if (data.error().code != ErrorCode::kNotFound) {
            gathering->fault = data.error();
          }
        });
      });
    }
    if (spec.service_links) {
      objects->services(spec.ns, [gathering](Result<std::vector<ServiceFacts>> services) {
        gathering->answered([&] {
          if (services) gathering->facts.services = service_variables(*services);
        });
      });
    }
  }
  gathering->answered([] {});
}

void add_port_variables(const PodSpec& spec, const net::PortMap& ports, Variables& variables) {
  if (ports.empty()) return;
  bool first = true;
  for (const auto& container : spec.containers) {
    for (const auto& port : container.ports) {
      const std::string real = std::to_string(ports.at(static_cast<std::uint16_t>(port.container_port)));
      if (std::exchange(first, false)) variables.emplace_back("PORT", real);
      variables.emplace_back("PORT_" + std::to_string(port.container_port), real);
      if (!port.name.empty()) variables.emplace_back("PORT_" + spelled(port.name), real);
    }
  }
}

}  // namespace troupe::pod
