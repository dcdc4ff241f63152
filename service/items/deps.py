"""Items, collections and pictures."""

from litestar import Router

from service.features import Context, Feature, closing
from service.items.bulk_controller import BulkController
from service.items.collections_controller import CollectionController
from service.items.controller import CollectionItemController, ItemController
from service.items.picture_files import Urls
from service.items.pictures import Pictures
from service.items.pictures_controller import PictureController
from service.items.sample_controller import SampleController
from service.limits.budget import Budget


def feature(context: Context) -> Feature:
    """Build the decoder of pictures and the handlers of items."""
    settings = context.settings
    pictures = Pictures(settings.max_picture_mb, context.get(Budget))
    urls = Urls(pictures.limits.bytes, allowed=settings.allow_urls, ports=settings.ports)
    bulk_bytes = settings.max_upload_mb * 1024 * 1024
    return Feature(
        handlers=[
            CollectionController,
            CollectionItemController,
            ItemController,
            Router(path="/", route_handlers=[BulkController], request_max_body_size=bulk_bytes),
            PictureController,
            SampleController,
        ],
        provides={"pictures": pictures, "urls": urls},
        lifespan=[closing(pictures.close, urls.close)],
    )
