#include "tests/unit/api/front_fixture.hpp"

#include "api/birth.hpp"
#include "api/object_codec.hpp"
#include "api/selectors.hpp"

namespace troupe::api::testing {

namespace {

const schema::TypeTable& types() {
  static const schema::TypeTable kTypes = schema::TypeTable::built_in().value();
  return kTypes;
}

const schema::ResourceTable& resources() {
  static const schema::ResourceTable kResources = schema::ResourceTable::built_in().value();
  return kResources;
}

}  // namespace

FrontFixture::FrontFixture(const FrontOptions& options)
    : routes(Routes::built_in(resources(), types(), numbering.interning()).value()),
      all(store, events, storage::prefix_of(routes.find("", "v1", "events")->store_id)) {
  const Services services{all, types(), routes, environment};
  front = std::make_unique<Front>(services, Authenticator(), options);
  create_birth_objects(services, {}, [this](Status born) { front->set_ready(born.has_value()); });
  environment.run();
}

net::HttpRequest FrontFixture::request(std::string method, std::string target) const {
  net::HttpRequest out;
  out.method = std::move(method);
  out.target = std::move(target);
  auto master = std::make_shared<net::ClientCertificate>();
  master->common_name = "admin";
  master->organizations = {"system:masters"};
  out.certificate = std::move(master);
  return out;
}

Answer FrontFixture::ask(std::string method, std::string target, std::string body, std::string content_type,
                         std::string accept, const net::Headers& more) {
  auto asked = request(std::move(method), std::move(target));
  asked.headers = more;
  asked.body = std::move(body);
  if (!content_type.empty()) asked.headers.add("Content-Type", std::move(content_type));
  if (!accept.empty()) asked.headers.add("Accept", std::move(accept));
  auto recorder = std::make_shared<Recorder>();
  front->handle(std::move(asked), recorder);
  environment.run();
  if (!recorder->done) environment.fire();
  return {recorder->done ? recorder->head.status : 0, recorder->body, recorder->head.headers};
}

std::shared_ptr<Recorder> FrontFixture::open(std::string target, std::string accept, const net::Headers& more) {
  auto asked = request("GET", std::move(target));
  asked.headers = more;
  if (!accept.empty()) asked.headers.add("Accept", std::move(accept));
  auto recorder = std::make_shared<Recorder>();
  front->handle(std::move(asked), recorder);
  environment.run();
  return recorder;
}

void FrontFixture::get(std::string target, std::string accept, std::shared_ptr<net::ResponseWriter> writer) {
  auto asked = request("GET", std::move(target));
  if (!accept.empty()) asked.headers.add("Accept", std::move(accept));
  front->handle(std::move(asked), std::move(writer));
  environment.run();
}

std::shared_ptr<Recorder> FrontFixture::begin(std::string method, std::string target, std::string body) {
  auto asked = request(std::move(method), std::move(target));
  asked.body = std::move(body);
  auto recorder = std::make_shared<Recorder>();
  front->handle(std::move(asked), recorder);
  return recorder;
}

std::string at(std::string_view json, std::string_view path) {
  const auto document = parse_json(json);
  return document ? text_at(document->root(), path) : std::string("no JSON: ") + std::string(json);
}

}  // namespace troupe::api::testing
